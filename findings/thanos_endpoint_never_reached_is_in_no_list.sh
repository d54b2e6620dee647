#!/usr/bin/env bash
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Thanos 0.42.4: an endpoint that was never reached is not in a querier's list of stores, not even a strict one.
#
# Behaviour: /api/v1/stores leaves out endpoints whose component type is not known, and that comes with the first answer.
# So the list is empty, without an error, while the log has "update of endpoint failed" with the reason every five
# seconds. A strict endpoint that is lost later stays in the list with its lastError.
#
# Consequence: compare the list with the endpoints that are asked for, and take the reason from the log.
#
# THANOS: path of the program. Without it, it is compiled from its Go module, which takes minutes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'kill -KILL $(jobs -p) 2>/dev/null || true; wait 2>/dev/null; rm -rf "$folder"' EXIT
thanos="${THANOS:-$folder/thanos}"
if [ ! -x "$thanos" ]; then
    source="$(go mod download -json github.com/thanos-io/thanos@v0.42.4 | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')"
    cp -r "$source" "$folder/source" && chmod -R u+w "$folder/source"
    (cd "$folder/source" && go build -o "$thanos" ./cmd/thanos)
fi
echo 'endpoints: [{address: "127.0.0.1:31929", strict: true}]' > "$folder/endpoints.yml"
"$thanos" query --http-address=127.0.0.1:31922 --grpc-address=127.0.0.1:31921 \
    --endpoint.sd-config-file="$folder/endpoints.yml" 2> "$folder/log" &
for _ in $(seq 30); do
    sleep 1
    if grep -q 'update of endpoint failed' "$folder/log"; then break; fi
done
stores="$(curl --silent http://127.0.0.1:31922/api/v1/stores)"
echo "$stores"
grep -m1 'update of endpoint failed' "$folder/log"
case "$stores" in
    *31929*) echo "not as described: the endpoint is listed" && exit 1 ;;
    *) echo "the endpoint is in no list" ;;
esac
