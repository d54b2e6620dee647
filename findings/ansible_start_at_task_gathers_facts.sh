#!/usr/bin/env bash
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ansible-core 2.19.14: --start-at-task with the first task of a play gathers facts, although gather_facts is false.
#
# Behaviour: a play with "gather_facts: false" over a host that no machine has the name of runs well. Started at its second
# task it runs well, too. Started at its first task it runs "Gathering Facts" before it; the host is unreachable and
# the run ends with 4.
#
# Consequence: hosts that stand for something else than a machine (a cluster, a tenant, a device) are lost to such a
# run. A play that may be started at a task begins with a task that nobody starts at.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ansible-core==2.19.14
cat > play.yml <<'PLAY'
- hosts: all
  gather_facts: false
  tasks:
    - name: First
      ansible.builtin.debug: {msg: one}
    - name: Second
      ansible.builtin.debug: {msg: two}
PLAY
tasks_of() { # exit code and names of the tasks that ran
  local code=0
  ANSIBLE_NOCOLOR=1 venv/bin/ansible-playbook -i 'cluster-a.invalid,' "$@" play.yml > log 2>&1 || code=$?
  echo "$code $(sed -n 's/^TASK \[\(.*\)\].*/\1/p' log | paste -sd,)"
}
found="whole: $(tasks_of); second: $(tasks_of --start-at-task Second); first: $(tasks_of --start-at-task First)"
expected='whole: 0 First,Second; second: 0 Second; first: 4 Gathering Facts'
if [ "$found" != "$expected" ]; then
  printf 'changed; now: %s\nwas:          %s\n' "$found" "$expected"
  cat log
  exit 1
fi
echo "as described: $found"
