#!/usr/bin/env bash
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# kubernetes 37.0.1 (Python): a plugin that gives tokens of less than five minutes is run anew for every request.
#
# Behaviour: of a kubeconfig's exec plugin the client takes a token for expired when less than five minutes of it are
# left. With a plugin whose tokens live 290 seconds, loading the kubeconfig and ten requests run it 11 times; with
# 310 seconds it is run once.
#
# Consequence: short-lived tokens, as security teams ask for, cost a process (and the round trip to the identity provider) for
# each request; such a provider may then refuse for too many logins. Give tokens six minutes or more, or
# cache them in the plugin.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check kubernetes==37.0.1
cat > plugin.py <<'PYTHON'
import datetime
import json
import sys

with open("runs", "a") as runs:
    runs.write("x")
end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=int(sys.argv[1]))
status = {"token": "demo", "expirationTimestamp": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
print(json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}))
PYTHON
cat > ask.py <<'PYTHON'
import http.server
import sys
import threading

from kubernetes import client, config


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"kind": "NamespaceList", "apiVersion": "v1", "metadata": {}, "items": []}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"
for life in ("290", "310"):
    open("runs", "w").close()
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": ["plugin.py", life],
        "interactiveMode": "Never",
    }
    config.load_kube_config_from_dict(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "demo",
            "contexts": [{"name": "demo", "context": {"cluster": "demo", "user": "demo"}}],
            "clusters": [{"name": "demo", "cluster": {"server": address}}],
            "users": [{"name": "demo", "user": {"exec": plugin}}],
        }
    )
    for _ in range(10):
        client.CoreV1Api().list_namespace()
    print(f"{life} s: {len(open('runs').read())} runs")
PYTHON
found="$(venv/bin/python ask.py | paste -sd,)"
expected='290 s: 11 runs,310 s: 1 runs'
if [ "$found" != "$expected" ]; then
  printf 'changed; now: %s\nwas:          %s\n' "$found" "$expected"
  exit 1
fi
echo "as described: $found"
