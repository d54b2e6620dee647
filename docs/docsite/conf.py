# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx makes the site; ``make docs`` puts this beside the pages. Its variables are Sphinx's."""

from __future__ import annotations

project = "o11y.thanos"
author = "the o11y.thanos contributors"
extensions = ["myst_parser", "sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
html_theme = "alabaster"
html_theme_options = {"page_width": "1100px", "sidebar_width": "260px", "fixed_sidebar": True}
html_title = "o11y.thanos"
# Pages link to headings of others.
myst_heading_anchors = 4
# Labels of Ansible's own documentation, which the reference names; the file is made beside the pages.
intersphinx_mapping = {"ansible": ("https://docs.ansible.com/ansible/latest/", "ansible.inv")}
