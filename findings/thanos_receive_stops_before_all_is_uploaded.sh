#!/usr/bin/env bash
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Thanos receive 0.42.4: a graceful stop uploads its head without the newest samples, and ends with success.
#
# Behaviour: a Prometheus (3.16.0) writes its own metrics to receive for a quarter of a minute and is stopped. At SIGTERM
# receive cuts and uploads a block, says so in its log and exits with 0. The blocks in the bucket have fewer samples than
# it has taken: those with the newest timestamp are missing. They are in its write-ahead log, so they are lost only with
# the volume; a start and a second stop over the same folder upload them.
#
# Consequence: an ingestor's volume may go only after its samples were counted in the bucket, not because it has ended
# well.
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

mkdir "$folder/bucket"
started() {
    "$thanos" receive --http-address=127.0.0.1:31942 --grpc-address=127.0.0.1:31941 --label='receive="a"' \
        --remote-write.address=127.0.0.1:31943 --receive.capnproto-address=127.0.0.1:31944 \
        --tsdb.path="$folder/receive" \
        --objstore.config="{type: FILESYSTEM, config: {directory: $folder/bucket}}" 2>> "$folder/receive.log" &
    receive=$!
    for _ in $(seq 60); do
        if curl --silent --fail --output /dev/null http://127.0.0.1:31942/-/ready; then return; fi
        sleep 1
    done
}
ended() { # process
    kill -TERM "$1"
    wait "$1"
}
uploaded() { cat "$folder"/bucket/*/meta.json | grep -o '"numSamples": *[0-9]*' | awk -F: '{n += $2} END {print n + 0}'; }

started
cat > "$folder/prometheus.yml" <<'YAML'
global: {scrape_interval: 1s}
scrape_configs: [{job_name: self, static_configs: [{targets: ["127.0.0.1:31940"]}]}]
remote_write: [{url: "http://127.0.0.1:31943/api/v1/receive", headers: {THANOS-TENANT: t}}]
YAML
"$prometheus" --web.listen-address=127.0.0.1:31940 --config.file="$folder/prometheus.yml" \
    --storage.tsdb.path="$folder/prometheus-data" 2> "$folder/prometheus.log" &
sender=$!
sleep 15
ended "$sender"
taken="$(curl --silent http://127.0.0.1:31942/metrics |
    awk '/^prometheus_tsdb_head_samples_appended_total\{.*tenant="t"/ {n += $2} END {print n + 0}')"
ended "$receive" && echo "receive ended with 0"
first="$(uploaded)"
started
ended "$receive"
second="$(uploaded)"
echo "$taken samples taken, $first uploaded by the first stop, $second by both"
[ "$taken" -gt 0 ]
[ "$first" -lt "$taken" ]
[ "$second" -eq "$taken" ]
