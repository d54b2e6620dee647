#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: secret
short_description: Put values into a Secret that a Thanos stack reads
version_added: 0.1.0
description:
  - Makes a Secret of the stack, for certificates, keys and passwords that a tier's options name by Secret and key.
  - Values are never shown, in no mode and at no verbosity; a diff names keys only.
author: The o11y.thanos contributors (@o11y-thanos)
extends_documentation_fragment:
  - o11y.thanos.kubernetes
  - o11y.thanos.attributes
options:
  name:
    description:
      - Name of the Secret.
    type: str
    required: true
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
  items:
    description:
      - The keys of the Secret; one that is no longer listed is removed. Required with O(state=present).
    type: list
    elements: dict
    default: []
    suboptions:
      key:
        description: Key of the Secret.
        type: str
        required: true
      value:
        description: Its value. Give either this or O(items[].file).
        type: str
      file:
        description: A file that holds the value, on the host where the task runs.
        type: path
  state:
    description:
      - Whether the Secret shall exist.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: The certificate authority of another cluster
  o11y.thanos.secret:
    name: thanos-peers
    items:
      - key: ca.crt
        file: files/hub-ca.crt
"""

RETURN = r"""
objects:
  description: What was done with the Secret.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: Always V(Secret).
      type: str
      sample: Secret
    name:
      description: Name of the Secret.
      type: str
      sample: thanos-peers
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
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.secret_task import SECRET


def main() -> None:
    """Make or remove one Secret."""
    run(SECRET)


if __name__ == "__main__":
    main()
