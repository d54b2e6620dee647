#!/usr/bin/env bash
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PyYAML 6.0.3 writes, sigs.k8s.io/yaml 1.6.0 (with which kubectl and Helm read) reads: texts come back as other types.
#
# Behaviour: yaml.safe_dump writes the texts "1e3", "0o17", "08", ".5e3" and "y" without quotes, since for its own reader
# they are texts. The reader of Kubernetes takes them for the numbers 1000, 15, 8, 500 and for true. "12:30", "0777" and
# "1_000" are quoted and arrive as they were; "12e4567" is not quoted and stays a text, since no number is that large.
#
# Consequence: a label, annotation or environment variable with an abbreviated commit such as 1e3 or 08, written by Python
# (Ansible's to_nice_yaml too) and applied by kubectl, is refused as a number; a field that takes numbers and texts gets
# another value without a word. JSON, which every such reader takes too, has no such gap.
set -euo pipefail
folder="$(mktemp -d)"
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check PyYAML==6.0.3
mkdir reader && cd reader
cat > go.mod <<'GO'
module reader

go 1.24
GO
cat > main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	text, _ := io.ReadAll(os.Stdin)
	answer, err := yaml.YAMLToJSON(text)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(answer))
}
GO
export GOPATH="$folder/go" GOFLAGS=-mod=mod
go get sigs.k8s.io/yaml@v1.6.0 2> "$folder/log" || { cat "$folder/log"; exit 1; }
go build -o ../read . 2> "$folder/log" || { cat "$folder/log"; exit 1; }
cd ..
found="$(venv/bin/python - <<'PYTHON'
import yaml

print(yaml.safe_dump(["1e3", "0o17", "08", ".5e3", "y", "12:30", "0777", "1_000", "12e4567"], default_flow_style=None), end="")
PYTHON
)"
read_as="$(./read <<< "$found")"
expected='[1000,15,8,500,true,"12:30","0777","1_000","12e4567"]'
if [ "$read_as" != "$expected" ]; then
  printf 'changed; PyYAML writes %s\nread as %s\nwas     %s\n' "$found" "$read_as" "$expected"
  exit 1
fi
printf 'as described: %s is read as %s\n' "$found" "$read_as"
