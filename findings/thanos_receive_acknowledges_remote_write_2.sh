#!/usr/bin/env bash
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Prometheus 3.16.0 and Thanos receive 0.42.4: remote write 2.0 is answered with 200, and nothing of it is stored.
#
# Behaviour: one Prometheus writes the same samples twice, to the tenant "one" with the message of remote write 1.0 and
# to the tenant "two" with that of 2.0. Receive counts answers of 200 for both. The tenant "two" never comes to be:
# Prometheus notices by the missing header of 2.0 that nothing was accepted, drops each batch and does not try again.
#
# Consequence: pin `protobuf_message: prometheus.WriteRequest` where the receiver is this Thanos, and look for samples,
# not for status codes.
#
# THANOS, PROMETHEUS: paths of the programs. What is not given is compiled from its Go module, which takes minutes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'kill -KILL $(jobs -p) 2>/dev/null || true; wait 2>/dev/null; rm -rf "$folder"' EXIT
compiled() { # module, version, name of the program
    source="$(go mod download -json "$1@$2" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')"
    cp -r "$source" "$folder/$3-source" && chmod -R u+w "$folder/$3-source"
    (cd "$folder/$3-source" && GOWORK=off go build -o "$folder/$3" "./cmd/$3")
}
thanos="${THANOS:-$folder/thanos}" prometheus="${PROMETHEUS:-$folder/prometheus}"
if [ ! -x "$thanos" ]; then compiled github.com/thanos-io/thanos v0.42.4 thanos; fi
if [ ! -x "$prometheus" ]; then compiled github.com/prometheus/prometheus v0.316.0 prometheus; fi

"$thanos" receive --http-address=127.0.0.1:31932 --grpc-address=127.0.0.1:31931 --label='receive="a"' \
    --remote-write.address=127.0.0.1:31933 --receive.capnproto-address=127.0.0.1:31934 \
    --tsdb.path="$folder/receive" 2> "$folder/receive.log" &
cat > "$folder/prometheus.yml" <<'YAML'
global: {scrape_interval: 1s}
scrape_configs: [{job_name: self, static_configs: [{targets: ["127.0.0.1:31930"]}]}]
remote_write:
  - url: http://127.0.0.1:31933/api/v1/receive
    protobuf_message: prometheus.WriteRequest
    headers: {THANOS-TENANT: one}
  - url: http://127.0.0.1:31933/api/v1/receive
    protobuf_message: io.prometheus.write.v2.Request
    headers: {THANOS-TENANT: two}
YAML
for _ in $(seq 60); do
    if curl --silent --fail --output /dev/null http://127.0.0.1:31932/-/ready; then break; fi
    sleep 1
done
"$prometheus" --web.listen-address=127.0.0.1:31930 --config.file="$folder/prometheus.yml" \
    --storage.tsdb.path="$folder/prometheus-data" 2> "$folder/prometheus.log" &
for _ in $(seq 60); do
    sleep 1
    if grep -q 'sent v2 request' "$folder/prometheus.log"; then break; fi
done
sleep 5
metrics() { curl --silent --show-error http://127.0.0.1:31932/metrics; }
answers="$(metrics | grep '^http_requests_total.*handler="receive"')"
series="$(metrics | grep '^prometheus_tsdb_head_series{')"
echo "$answers"
echo "$series"
grep -m1 'sent v2 request' "$folder/prometheus.log"
grep -q 'code="200".*tenant="one"' <<< "$answers"
grep -q 'code="200".*tenant="two"' <<< "$answers"
grep -q 'tenant="one"} [1-9]' <<< "$series"
if grep -q 'tenant="two"' <<< "$series"; then
    echo "not as described: the samples of remote write 2.0 are stored" && exit 1
fi
echo "remote write 2.0: answered with 200, nothing stored"
