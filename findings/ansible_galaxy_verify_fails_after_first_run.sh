#!/usr/bin/env bash
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ansible-core 2.19.14: a collection with an action plugin no longer passes `ansible-galaxy collection verify` once the
# plugin has run.
#
# Behaviour: plugins of a collection are loaded by Python's own loader, which keeps what it compiled beside the source
# (what lies in module_utils is loaded by Ansible's loader, which keeps nothing). verify leaves out the compiled files,
# *.pyc, and not the folder __pycache__ that holds them: it names the folder as modified content and ends with 1.
#
# Consequence: a nightly verify of installed collections turns red after the first play, without a change to any of
# them. Run plays with PYTHONDONTWRITEBYTECODE=1, or install where the user of the plays may not write.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ansible-core==2.19.14
mkdir -p "$folder/source/plugins/action" "$folder/source/plugins/modules"
cd "$folder"
cat > source/galaxy.yml <<'GALAXY'
namespace: demo
name: kept
version: 1.0.0
readme: README.md
authors: [somebody]
license: [GPL-3.0-or-later]
description: One action plugin
GALAXY
echo "One action plugin." > source/README.md
cat > source/plugins/action/show.py <<'PLUGIN'
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        return {"changed": False, "msg": "ran"}
PLUGIN
echo "#!/usr/bin/python" > source/plugins/modules/show.py # an action needs a module of its name
unset PYTHONDONTWRITEBYTECODE
export ANSIBLE_COLLECTIONS_PATH="$folder/installed" HOME="$folder"
galaxy="$folder/venv/bin/ansible-galaxy"
"$galaxy" collection build source > /dev/null
"$galaxy" collection install --offline -p installed demo-kept-1.0.0.tar.gz > /dev/null 2>&1

verify() {
  local code=0 output
  output="$("$galaxy" collection verify --offline demo.kept 2>&1)" || code=$?
  echo "$1: $code $(grep -o 'Successfully verified\|plugins/.*' <<< "$output" | paste -sd ' ')"
}

output="$(verify "before the first run"; "$folder/venv/bin/ansible" localhost -m demo.kept.show > /dev/null 2>&1; verify "after it")"
expected="before the first run: 0 Successfully verified
after it: 1 plugins/action/__pycache__"
if [ "$output" != "$expected" ]; then
  echo "changed; now:"
  echo "$output"
  exit 1
fi
echo "as described:"
echo "$output"
