# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds what Ansible sends along with a module, as Ansible itself does.

    python -m tests.benchmarks.payload COLLECTIONS FOLDER MODULE...

Each module, with no arguments, is written to FOLDER/MODULE.py, which is a program of its own.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main(collections: str, folder: str, *modules: str) -> None:
    """Write the programs."""
    from ansible.executor.module_common import modify_module
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins.loader import init_plugin_loader, module_loader
    from ansible.template import Templar

    init_plugin_loader([collections])
    templar = Templar(loader=DataLoader())
    for module in modules:
        name = f"o11y.thanos.{module}"
        found = module_loader.find_plugin_with_context(name)
        built = modify_module(
            module_name=name,
            module_path=found.plugin_resolved_path,
            module_args={},
            templar=templar,
            task_vars={"ansible_python_interpreter": sys.executable},
            module_compression="ZIP_DEFLATED",
        )
        Path(folder, f"{module}.py").write_bytes(built.b_module_data)


if __name__ == "__main__":
    main(*sys.argv[1:])
