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

from collections.abc import Mapping
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils import _ansible
from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput, nearest
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import ARGUMENT_SPEC
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Scope
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.module import connect, result, settings
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.secret import ensure, secret

SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "stack": {"type": "str", "default": "thanos"},
    "namespace": {"type": "str", "default": "monitoring"},
    "items": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "key": {"type": "str", "required": True, "no_log": False},
            "value": {"type": "str", "no_log": True},
            "file": {"type": "path"},
        },
    },
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **ARGUMENT_SPEC,
}


def contents(items: list[Mapping[str, Any]]) -> dict[str, str]:
    """The Secret's data as text by key. Raises InvalidInput with every item that is incomplete."""
    data: dict[str, str] = {}
    problems = []
    for i, item in enumerate(items):
        where = f"items[{i}] ({item['key']})"
        if (item.get("value") is None) == (item.get("file") is None):
            problems.append(f"{where}: give either value or file.")
        elif item["key"] in data:
            problems.append(f"{where}: the key is there twice.")
        elif item.get("file") is None:
            data[item["key"]] = item["value"]
        else:
            try:
                with open(item["file"], encoding="utf-8") as file:
                    data[item["key"]] = file.read()
            except (OSError, UnicodeDecodeError) as e:
                problems.append(
                    f"{where}: the file {item['file']} cannot be read: {getattr(e, 'strerror', 'no text')}."
                )
    if not items:
        problems.append("items is required with state: present.")
    if problems:
        raise InvalidInput(problems)
    return data


def mistakes(raw: Mapping[str, Any]) -> list[str]:
    """What is wrong with the form of ``items``; the rest is found where the files are read."""
    items, known = raw.get("items"), SPEC["items"]["options"]
    if items in (None, ""):
        return []
    if not isinstance(items, list):
        return ["items must be a list of mappings with key and value, or key and file."]
    found = []
    for i, item in enumerate(items):
        if not isinstance(item, Mapping):
            found.append(f"items[{i}] must be a mapping with key and value, or key and file.")
            continue
        found += [f"items[{i}].{k}: there is no such key.{nearest(str(k), known)}" for k in item if k not in known]
        found += [f"items[{i}].{k}: this is not a text." for k in known if isinstance(item.get(k), (list, Mapping))]
        if item.get("key") in (None, ""):
            found.append(f"items[{i}].key is required.")
    return found


def main() -> None:
    """Make or remove one Secret."""
    module = _ansible.checked(SPEC, mistakes)
    params = module.params

    def work() -> Mapping[str, Any]:
        instance = f"secret-{params['name']}"
        scope = Scope(params["stack"], params["namespace"], frozenset({instance}))
        manifests = []
        if params["state"] == "present":
            data = contents(params["items"])
            manifests.append(secret(params["name"], params["namespace"], params["stack"], instance, data))
        return result(module, ensure(connect(module), scope, manifests, settings(module)))

    _ansible.finish(module, work)


if __name__ == "__main__":
    main()
