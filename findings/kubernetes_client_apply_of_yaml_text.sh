#!/usr/bin/env bash
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# kubernetes 36.0.2 (Python): a server-side apply of YAML text sends the text as one JSON string.
#
# Behaviour: with the content type application/apply-patch+yaml the client makes JSON of any body. YAML text becomes a quoted
# string, in which the API server finds no object, and bytes end in a TypeError. With a parameter behind the content type, such as
# charset=utf-8, text and bytes go out as they are. 37.0.2 takes neither in the generated method: only a dictionary.
#
# Consequence: the content type that says YAML takes everything but YAML. Whoever applies manifests as they were read from a
# file names the charset, or parses them first.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv old
old/bin/pip install --quiet --disable-pip-version-check kubernetes==36.0.2
python3 -m venv new
new/bin/pip install --quiet --disable-pip-version-check kubernetes==37.0.2
cat > apply.py <<'PYTHON'
import http.server
import threading

from kubernetes import client

TEXT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: demo}\n"
sent = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_PATCH(self):
        sent.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
configuration = client.Configuration()
configuration.host = f"http://127.0.0.1:{server.server_port}"
core = client.CoreV1Api(client.ApiClient(configuration))
for parameter in ("", "; charset=utf-8"):
    for body in (TEXT, TEXT.encode()):
        try:
            core.patch_namespaced_config_map(
                "demo",
                "demo",
                body,
                field_manager="demo",
                _content_type=f"application/apply-patch+yaml{parameter}",
            )
            outcome = "as it is" if sent[-1] == TEXT else sent[-1][:12]
        except Exception as error:
            outcome = type(error).__name__
        print(f"{type(body).__name__}{parameter}: {outcome}")
PYTHON
found="36: $(old/bin/python apply.py | paste -sd,) | 37: $(new/bin/python apply.py | paste -sd,)"
expected='36: str: "apiVersion:,bytes: TypeError,str; charset=utf-8: as it is,bytes; charset=utf-8: as it is | 37: str: ValidationError,bytes: ValidationError,str; charset=utf-8: ValidationError,bytes; charset=utf-8: ValidationError'
if [ "$found" != "$expected" ]; then
  printf 'changed; now: %s\nwas:          %s\n' "$found" "$expected"
  exit 1
fi
echo "as described: $found"
