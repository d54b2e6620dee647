#!/usr/bin/env bash
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ansible-core 2.19.14 with PyYAML 6.0.3: what an action plugin gets as options is not what a module gets.
#
# Behaviour: texts, mappings and dates arrive as subclasses that carry tags. isinstance holds, type(x) is dict does not.
# yaml.safe_dump refuses such a mapping with RepresenterError, although json.dumps takes it. yaml.dump does not refuse: it
# writes a document full of !!python/object/new:, which only a Python with this ansible-core can read. A YAML date
# stays a date in the plugin, where the module gets a text.
#
# Consequence: code that is moved from a module into an action plugin stops writing YAML, or writes YAML that nobody
# else can read; make plain values of the options first (a round trip through JSON, as for a module, does).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ansible-core==2.19.14 PyYAML==6.0.3
mkdir -p "$folder/action_plugins" "$folder/library"
cat > "$folder/action_plugins/show.py" <<'PLUGIN'
import datetime
import json

import yaml
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        settings = self._task.args["settings"]
        found = {"dict": isinstance(settings, dict), "exactly": type(settings) is dict}
        try:
            yaml.safe_dump(settings)
            found["safe_dump"] = "works"
        except yaml.representer.RepresenterError:
            found["safe_dump"] = "RepresenterError"
        found["dump"] = "python object" if "!!python/object/new:" in yaml.dump(settings) else "plain"
        found["json"] = json.dumps({k: v for k, v in settings.items() if k == "name"})
        found["day"] = "date" if isinstance(settings["day"], datetime.date) else "text"
        return {"changed": False, "found": found}
PLUGIN
cat > "$folder/library/show_module.py" <<'MODULE'
#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule

module = AnsibleModule(argument_spec={"settings": {"type": "dict"}})
settings = module.params["settings"]
module.exit_json(found={"exactly": type(settings) is dict, "day": type(settings["day"]).__name__})
MODULE
cat > "$folder/play.yml" <<'PLAY'
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - show:
        settings: {name: demo, day: 2024-01-02}
      register: plugin
    - show_module:
        settings: {name: demo, day: 2024-01-02}
      register: module
    - ansible.builtin.debug:
        msg: "plugin {{ plugin.found | to_json }} module {{ module.found | to_json }}"
PLAY
cp "$folder/action_plugins/show.py" "$folder/library/show.py" # an action needs a module of its name
cd "$folder"
export ANSIBLE_LIBRARY="$folder/library" ANSIBLE_ACTION_PLUGINS="$folder/action_plugins" ANSIBLE_LOCALHOST_WARNING=false
output="$("$folder/venv/bin/ansible-playbook" -i localhost, -e ansible_python_interpreter="$folder/venv/bin/python" "$folder/play.yml" 2>&1)" || { echo "$output"; exit 1; }
expected='plugin {\"dict\": true, \"exactly\": false, \"safe_dump\": \"RepresenterError\", \"dump\": \"python object\", \"json\": \"{\\\"name\\\": \\\"demo\\\"}\", \"day\": \"date\"} module {\"exactly\": true, \"day\": \"str\"}'
if ! grep -qF -- "$expected" <<< "$output"; then
  echo "changed; now:"
  echo "$output"
  exit 1
fi
echo "as described: $expected"
