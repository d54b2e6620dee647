# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How modules reach a cluster."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of ``ARGUMENT_SPEC`` in ``_kubernetes/connection.py``."""

    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of a kubeconfig file, or its content as a mapping or as text, which is never shown. Environment variable
        E(K8S_AUTH_KUBECONFIG).
      - Without it, and without O(host) and O(context), a pod uses its own service account; elsewhere E(KUBECONFIG)
        and C(~/.kube/config) are tried.
    type: raw
  context:
    description:
      - Name of a context in the kubeconfig. Environment variable E(K8S_AUTH_CONTEXT).
    type: str
  host:
    description:
      - URL of the API server. Environment variable E(K8S_AUTH_HOST).
    type: str
  api_key:
    description:
      - Bearer token. Environment variable E(K8S_AUTH_API_KEY).
    type: str
  username:
    description:
      - User name for basic authentication. Environment variable E(K8S_AUTH_USERNAME).
    type: str
  password:
    description:
      - Password for basic authentication. Environment variable E(K8S_AUTH_PASSWORD).
    type: str
  client_cert:
    description:
      - Path of a client certificate. Environment variable E(K8S_AUTH_CERT_FILE).
    type: path
    aliases: [cert_file]
  client_key:
    description:
      - Path of the client certificate's key. Environment variable E(K8S_AUTH_KEY_FILE).
    type: path
    aliases: [key_file]
  ca_cert:
    description:
      - Path of the authority that the API server's certificate is verified with. Environment variable
        E(K8S_AUTH_SSL_CA_CERT).
    type: path
    aliases: [ssl_ca_cert]
  validate_certs:
    description:
      - Whether the API server's certificate is verified. Environment variable E(K8S_AUTH_VERIFY_SSL).
    type: bool
    aliases: [verify_ssl]
  proxy:
    description:
      - URL of an HTTP proxy on the way to the API server. Environment variable E(K8S_AUTH_PROXY). By default that of
        the kubeconfig (C(proxy-url)), then that of the environment (E(HTTPS_PROXY)), which does not count for an API
        server on this host itself, as with kubectl.
    type: str
  no_proxy:
    description:
      - Hosts, networks and domains that are reached without the proxy, separated by commas, such as
        C(10.0.0.0/8,.example.org,api.example.com:6443). Environment variable E(K8S_AUTH_NO_PROXY). By default
        E(NO_PROXY), where the proxy is that of the environment.
    type: str
  proxy_headers:
    description:
      - Headers for the proxy.
    type: dict
    suboptions:
      basic_auth:
        description:
          - C(user:password) for the server behind the proxy. Environment variable
            E(K8S_AUTH_PROXY_HEADERS_BASIC_AUTH).
        type: str
      proxy_basic_auth:
        description:
          - C(user:password) for the proxy. Environment variable E(K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH).
        type: str
      user_agent:
        description:
          - Name to give to the proxy. Environment variable E(K8S_AUTH_PROXY_HEADERS_USER_AGENT).
        type: str
  impersonate_user:
    description:
      - User to act as. Environment variable E(K8S_AUTH_IMPERSONATE_USER).
    type: str
  impersonate_groups:
    description:
      - Groups to act as a member of. Environment variable E(K8S_AUTH_IMPERSONATE_GROUPS), separated by commas.
    type: list
    elements: str
  persist_config:
    description:
      - Whether refreshed tokens are written back to the kubeconfig file. Environment variable
        E(K8S_AUTH_PERSIST_CONFIG).
    type: bool
requirements:
  - Python library kubernetes >= 29
"""
