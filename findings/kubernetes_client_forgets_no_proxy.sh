#!/usr/bin/env bash
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# kubernetes 34.1.0 and 35.0.0 (Python): NO_PROXY is read and forgotten, so the API server is asked through the proxy.
#
# Behaviour: with HTTP_PROXY and NO_PROXY=127.0.0.1 set, a request to http://127.0.0.1 arrives at the proxy with 34.1.0 and
# 35.0.0, and at the server with 33.1.0 (which reads neither variable) and 37.0.1 (which heeds both).
#
# Consequence: behind a company's proxy, playbooks that reached their clusters stop doing so with a new client, although
# NO_PROXY names the clusters and curl and kubectl on the same machine heed it. Set no_proxy of the configuration by hand.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > ask.py <<'PYTHON'
import http.server
import os
import threading

from kubernetes import client

seen = []


def serve(name):
    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(name)
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
    return f"http://127.0.0.1:{server.server_port}"


os.environ.update(HTTP_PROXY=serve("proxy"), NO_PROXY="127.0.0.1")
configuration = client.Configuration()
configuration.host = serve("server")
client.CoreV1Api(client.ApiClient(configuration)).list_namespace()
print(seen[0])
PYTHON
unset http_proxy https_proxy all_proxy no_proxy HTTPS_PROXY ALL_PROXY
found=""
for version in 33.1.0 34.1.0 35.0.0 37.0.1; do
  python3 -m venv "$version"
  "$version/bin/pip" install --quiet --disable-pip-version-check "kubernetes==$version"
  found+="$version: $("$version/bin/python" ask.py), "
done
expected='33.1.0: server, 34.1.0: proxy, 35.0.0: proxy, 37.0.1: server, '
if [ "$found" != "$expected" ]; then
  printf 'changed; now: %s\nwas:          %s\n' "$found" "$expected"
  exit 1
fi
echo "as described: $found"
