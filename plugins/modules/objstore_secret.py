#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: objstore_secret
short_description: Make the Secrets with a Thanos object store's configuration
version_added: 0.1.0
description:
  - Writes C(objstore.yml) from typed options into a Secret of the stack, which the tiers mount as files. Every key that
    Thanos knows is checked, all mistakes at once, before anything is changed.
  - The Secret is named C(<stack>-objstore-<name>). Each access role that O(store.access) names has one of its own,
    with C(-<role>) behind that. One that is no longer named is removed.
  - What the pods need beside the Secret (environment variables, annotations of their ServiceAccount, labels) is noted
    in its annotation C(o11y.thanos/pods), from where the modules of the tiers take it.
  - Credentials are never shown, in no mode and at no verbosity; a diff names keys only.
author: The o11y.thanos contributors (@o11y-thanos)
extends_documentation_fragment:
  - o11y.thanos.objstore.store
  - o11y.thanos.kubernetes
  - o11y.thanos.attributes
  - o11y.thanos.tier.sources
options:
  name:
    description:
      - Name of the object store, as the option C(objstore) of the tiers says it.
    type: str
    default: default
  stack:
    description:
      - Name of the stack that the Secret belongs to.
    type: str
    default: thanos
  namespace:
    description:
      - Namespace of the stack. It is created when it does not exist.
    type: str
    default: monitoring
  version:
    description:
      - Thanos version that reads the configuration; keys that it does not know are refused.
    type: str
    default: 0.42.4
  state:
    description:
      - Whether the Secrets shall exist.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: o11y.thanos.bucket
"""

EXAMPLES = r"""
- name: One credential for every tier
  o11y.thanos.objstore_secret:
    store:
      type: S3
      bucket: metrics-eu
      endpoint: s3.eu-central-1.amazonaws.com
      access_key: "{{ vault_access_key }}"
      secret_key: "{{ vault_secret_key }}"

- name: A credential of its own for the store gateway, which only reads
  o11y.thanos.objstore_secret:
    store:
      type: S3
      bucket: metrics-eu
      endpoint: s3.eu-central-1.amazonaws.com
      access_key: "{{ vault_access_key }}"
      secret_key: "{{ vault_secret_key }}"
      access:
        reader:
          access_key: "{{ vault_reader_access_key }}"
          secret_key: "{{ vault_reader_secret_key }}"

- name: No credential at all, as the pods have roles of AWS
  o11y.thanos.objstore_secret:
    store:
      type: S3
      bucket: metrics-eu
      endpoint: s3.eu-central-1.amazonaws.com
      credentials_mode: identity
      identity:
        aws_role_arn: arn:aws:iam::123456789012:role/thanos

- name: The keys stay in a Secret that an operator keeps
  o11y.thanos.objstore_secret:
    store:
      type: S3
      bucket: metrics-eu
      endpoint: s3.eu-central-1.amazonaws.com
      credentials_mode: env
      credentials_from:
        name: thanos-s3-keys
        keys:
          access_key: AWS_ACCESS_KEY_ID
          secret_key: AWS_SECRET_ACCESS_KEY
"""

RETURN = r"""
secrets:
  description:
    - Access role to the name of its Secret, also of one that somebody else makes. V(all) is every role that is not
      named.
  returned: success
  type: dict
  sample:
    all: thanos-objstore-default
    reader: thanos-objstore-default-reader
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
      sample: thanos-objstore-default
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
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.objstore_secret_task import OBJSTORE_SECRET


def main() -> None:
    """Make or remove the Secrets of one object store."""
    run(OBJSTORE_SECRET)


if __name__ == "__main__":
    main()
