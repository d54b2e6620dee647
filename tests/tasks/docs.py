# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what ``ansible-doc`` says of every module and role into ``.build/docs``, one text file each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.tasks.tree import BUILD, ROOT, VENV, collections_path, run_told


def main() -> int:
    """Render all pages. Returns the exit code: 0 when each of them could be rendered."""
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections_path()), "ANSIBLE_NOCOLOR": "1"}
    folder = BUILD / "docs"
    folder.mkdir(exist_ok=True)
    failed = [f"{kind} {name}" for kind, name in pages() if not render(kind, name, folder, environment)]
    print(f"not rendered: {', '.join(failed)}" if failed else f"written to {folder}")
    return 1 if failed else 0


def pages() -> list[tuple[str, str]]:
    """What has a page: (type of plugin, name)."""
    modules = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
    roles = sorted(path.parent.parent.name for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"))
    return [*(("module", name) for name in modules), *(("role", name) for name in roles)]


def render(kind: str, name: str, folder: Path, environment: dict[str, str]) -> bool:
    """Write one page; False when ``ansible-doc`` cannot read its source."""
    command = [str(VENV / "bin" / "ansible-doc"), "-t", kind, f"o11y.thanos.{name}"]
    told = subprocess.run(command, cwd="/", env=environment, check=False, capture_output=True, text=True)
    if told.returncode:
        print(told.stderr, file=sys.stderr)
        return False
    (folder / f"{kind}_{name}.txt").write_text(told.stdout)
    return True


if __name__ == "__main__":
    sys.exit(run_told(main))
