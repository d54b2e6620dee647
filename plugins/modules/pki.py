#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pki
short_description: Make the certificates with which clusters of a fleet trust each other
version_added: 0.1.0
description:
  - Makes, keeps and renews what one cluster needs for mutual TLS between a hub, whose querier is a client, and edges,
    whose queriers are servers. Each hub has a CA for its client certificate, each edge one for its server certificate.
  - No key leaves the cluster that uses it, and no request for a certificate either. Only certificates of CAs travel, as
    results of this module, and they are public.
  - A fleet takes two passes. The first makes the CAs of each cluster (O(client_ca), O(server_ca)) and returns their
    certificates. The second (O(client), O(server)) is given those of the others. Where all is known, one pass will do.
  - The Secrets are C(<name>-client-ca) and C(<name>-server-ca) with the CAs, C(<name>-grpc-client) with the hub's
    certificate and C(<edge>.crt) for each edge, and C(<name>-grpc-server) with the edge's certificate and in C(ca.crt)
    the CAs of its hubs.
  - The annotation C(o11y.thanos/generation) of C(<name>-grpc-client) is a number that is raised when the CA of an edge
    changed, which a querier reads only when it starts. An edge that comes or goes does not raise it.
  - A key is never shown, in no mode and at no verbosity; a diff names keys of Secrets only.
author: The o11y.thanos contributors (@o11y-thanos)
requirements:
  - cryptography >= 42
extends_documentation_fragment:
  - o11y.thanos.kubernetes
  - o11y.thanos.attributes
  - o11y.thanos.tier.sources
options:
  name:
    description:
      - Name of the stack.
    type: str
    default: thanos
  namespace:
    description:
      - Namespace of the stack. It is created when it does not exist.
    type: str
    default: monitoring
  cluster:
    description:
      - Name of the cluster, which stands in the names of its certificates. That of the stack when not set.
    type: str
  client_ca:
    description:
      - The CA that signs this cluster's client certificate. V(true) makes one and keeps it; a mapping says more.
        Implied by O(client), unless O(client.secret) gives the certificate.
      - C(secret) is an existing Secret with a CA, in C(ca.crt) and C(ca.key) or C(tls.crt) and C(tls.key). Then none is
        made, and the key is copied nowhere.
      - C(also) are further certificates of CAs in PEM form that readers shall trust, for the change of a given CA.
      - C(lifetime) is how long a CA that is made is valid (V(10y)), C(warn_before) how long before its end a warning
        says so (V(1y)). A CA is never renewed by itself; see O(rotate).
    type: raw
  server_ca:
    description:
      - The CA that signs this cluster's server certificate, as O(client_ca). Implied by O(server).
    type: raw
  client:
    description:
      - The certificate with which this cluster's querier reads other clusters.
    type: dict
    suboptions:
      secret:
        description:
          - An existing Secret with the certificate, in the shape that cert-manager gives it (C(tls.crt), C(tls.key),
            C(ca.crt)). Each run copies it, and nothing is made.
        type: str
      ca:
        description:
          - With O(client.secret), the CA certificates in PEM form by which others know the certificate, where they are
            not those in C(ca.crt) of the Secret.
        type: str
      lifetime:
        description:
          - How long a certificate that is made is valid.
        type: str
        default: 90d
      renew_before:
        description:
          - How long before its end it is made anew.
        type: str
        default: 30d
      keep:
        description:
          - Whether what O(client.trust) does not name stays as it is. For a run that does not see all clusters.
        type: bool
        default: false
      trust:
        description:
          - Edge to the certificates of its server CA in PEM form. An edge that is not named is no longer trusted.
            When not set, all of them stay as they are.
          - An edge is named as a DNS label, and not V(tls).
        type: dict
      forget:
        description:
          - Edges that are gone for good, as O(client.trust) names them. They are no longer trusted, whatever
            O(client.keep) says.
        type: list
        elements: str
  server:
    description:
      - The certificate with which this cluster's querier is read by others.
    type: dict
    suboptions:
      secret:
        description:
          - As O(client.secret).
        type: str
      ca:
        description:
          - As O(client.ca).
        type: str
      names:
        description:
          - DNS names and addresses by which hubs call the server. Required.
        type: list
        elements: str
      lifetime:
        description:
          - As O(client.lifetime).
        type: str
        default: 90d
      renew_before:
        description:
          - As O(client.renew_before).
        type: str
        default: 30d
      keep:
        description:
          - As O(client.keep).
        type: bool
        default: false
      trust:
        description:
          - The certificates of the client CA of each hub, in PEM form. A hub whose CA is not among them is locked out,
            once the querier was started anew. When not set, they stay as they are.
        type: list
        elements: str
  new_ca:
    description:
      - Whether a CA that is lost is replaced. Without this a run ends where certificates of a CA are in use and its
        Secret is gone or of no use, since readers would refuse what a new one signs.
      - The new CA begins as the next one of a rotation, as long as the certificate that the lost one signed is valid.
    type: bool
    default: false
  rotate:
    description:
      - CA to the step of its rotation. A step that is done already changes nothing, nor does one for a CA that the
        task does not ask for, since one variable may go to hubs and edges alike.
      - V(begin) makes the next CA, which readers shall trust beside the present one. V(switch) lets it sign, where the
        certificate is asked for too; it is refused until each of O(readers) trusts it. V(finish) ends the trust in the
        previous one; it is refused until O(settle) is over.
    type: dict
    suboptions:
      client_ca:
        description:
          - The step for the client CA.
        type: str
        choices: [begin, switch, finish]
      server_ca:
        description:
          - The step for the server CA.
        type: str
        choices: [begin, switch, finish]
  readers:
    description:
      - With V(switch) of O(rotate), CA to who reads this cluster by it, each with the fingerprints that it trusts, as
        RV(trusts) of its own run tells. An empty mapping says that nobody does.
    type: dict
    suboptions:
      client_ca:
        description:
          - Edge to the list in RV(trusts) under C(server).
        type: dict
      server_ca:
        description:
          - Hub to the list in RV(trusts) under C(client) and the name of this edge.
        type: dict
  settle:
    description:
      - How long pods may take until they are given a changed Secret.
    type: str
    default: 5m
  delete_authorities:
    description:
      - With O(state=absent), whether the CAs are deleted too. All that trust them must then be given new ones.
    type: bool
    default: false
  state:
    description:
      - V(absent) removes the certificates that the module made.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: o11y.thanos.stack
"""

EXAMPLES = r"""
- name: The CA of a hub, and the CA of an edge
  o11y.thanos.pki:
    cluster: "{{ inventory_hostname }}"
    client_ca: "{{ 'thanos_hub' in group_names }}"
    server_ca: "{{ 'thanos_edge' in group_names }}"
  register: own

- name: The certificate of each edge, which lets its hubs in
  o11y.thanos.pki:
    cluster: "{{ inventory_hostname }}"
    server:
      names: ["query.thanos.{{ inventory_hostname }}.thanos.internal"]
      trust: "{{ groups['thanos_hub'] | map('extract', hostvars, ['own', 'client_ca']) | list }}"
  when: "'thanos_edge' in group_names"

- name: The certificate of each hub, which knows its edges
  o11y.thanos.pki:
    cluster: "{{ inventory_hostname }}"
    client:
      trust: >-
        {{ dict(groups['thanos_edge'] | zip(groups['thanos_edge'] | map('extract', hostvars, ['own', 'server_ca']))) }}
  when: "'thanos_hub' in group_names"

- name: Begin to replace the CA of an edge
  o11y.thanos.pki:
    server_ca: true
    rotate: {server_ca: begin}
  when: "'thanos_edge' in group_names"

- name: Remove the certificates, and keep the CAs
  o11y.thanos.pki:
    state: absent
"""

RETURN = r"""
client_ca:
  description: The certificates by which edges know this cluster's client certificate, in PEM form.
  returned: with O(client_ca) or O(client)
  type: str
server_ca:
  description: The certificates by which hubs know this cluster's server certificate, in PEM form.
  returned: with O(server_ca) or O(server)
  type: str
certificates:
  description: The certificates of this cluster. None of them is secret, and no key is among them.
  returned: with O(state=present)
  type: list
  elements: dict
  contains:
    name:
      description: V(client_ca), V(server_ca), V(client) or V(server); that of a CA may end in V(next) or V(previous).
      type: str
      sample: server
    secret:
      description: The Secret that it is in.
      type: str
      sample: thanos-grpc-server
    subject:
      description: Whose it is.
      type: str
      sample: CN=eu thanos grpc server,O=o11y.thanos
    issuer:
      description: Who signed it.
      type: str
      sample: CN=eu thanos server CA 1f2e3d4c,O=o11y.thanos
    not_after:
      description: When it ends.
      type: str
      sample: "2027-02-26T10:00:00Z"
    days:
      description: How many whole days are left until then.
      type: int
      sample: 90
    fingerprint:
      description: Its SHA-256.
      type: str
      sample: 0d7b...
secrets:
  description: V(client) and V(server) to the Secret with that certificate.
  returned: with O(state=present)
  type: dict
  sample: {server: thanos-grpc-server}
rotation:
  description: CA to the step of its rotation that is next, while there is one.
  returned: with O(state=present)
  type: dict
  sample: {server_ca: switch}
trusts:
  description:
    - Fingerprints of the CAs that the Secrets trusted when the task began, C(client) by edge. See O(readers).
  returned: with O(state=present)
  type: dict
  sample: {client: {eu: ["0d7b..."]}, server: []}
objects:
  description: What was done with the Secrets.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object.
      type: str
      sample: Secret
    name:
      description: Name of the Secret.
      type: str
      sample: thanos-grpc-server
    namespace:
      description: Namespace of the Secret.
      type: str
      sample: monitoring
    action:
      description: One of V(created), V(updated), V(deleted) and V(unchanged).
      type: str
      sample: created
"""

from ansible_collections.o11y.thanos.plugins.module_utils._ansible import run
from ansible_collections.o11y.thanos.plugins.module_utils._pki.task import PKI


def main() -> None:
    """Make, keep, renew or remove the certificates of one cluster."""
    run(PKI)


if __name__ == "__main__":
    main()
