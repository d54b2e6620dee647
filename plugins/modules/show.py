#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: what it does is in ``plugins/action/show.py``."""

from __future__ import annotations

DOCUMENTATION = r"""
module: show
short_description: Print lines as they are
version_added: 0.1.0
description:
  - Prints lines, such as those of the report of M(o11y.thanos.verify), as a table to read, where
    M(ansible.builtin.debug) prints a list of quoted strings.
  - It is an action plugin, which runs in the controller and connects to nothing.
author: The o11y.thanos contributors (@o11y-thanos)
options:
  lines:
    description: The lines.
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - o11y.thanos.attributes.info
seealso:
  - module: o11y.thanos.verify
"""

EXAMPLES = r"""
- name: Ask Thanos whether it works
  o11y.thanos.verify:
    instances: {sidecar: {}, store: {}, query: {}}
  register: verified

- name: Show the report
  o11y.thanos.show:
    lines: "{{ verified.table }}"
"""

RETURN = r"""
lines:
  description: What was printed.
  returned: always
  type: list
  elements: str
  sample: ["  pass     clean       6 queries without a warning"]
"""
