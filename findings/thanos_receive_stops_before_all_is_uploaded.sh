#!/usr/bin/env bash
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Thanos receive 0.42.4: a graceful stop uploads its head without the newest samples, and ends with success.
#
# Behaviour: promtool (Prometheus 3.16.0) pushes four series with 20 timestamps each, 80 samples, all answered with 200.
# At SIGTERM receive cuts and uploads a block and exits with 0. The block in the bucket has 76 samples: the four with
# the newest timestamp are missing. They are in the write-ahead log, so they are lost only with the volume; a start and
# a second stop over the same folder upload them.
#
# Consequence: an ingestor's volume may go only after its samples were counted in the bucket, not because it has ended
# well.
#
# THANOS, PROMTOOL: paths of the programs. What is not given is compiled from its Go module, which takes minutes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
compiled() { # module, version, name of the program
    source="$(go mod download -json "$1@$2" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')"
    cp -r "$source" "$folder/$3-source" && chmod -R u+w "$folder/$3-source"
    (cd "$folder/$3-source" && go build -o "$folder/$3" "./cmd/$3")
}
thanos="${THANOS:-$folder/thanos}" promtool="${PROMTOOL:-$folder/promtool}"
if [ ! -x "$thanos" ]; then compiled github.com/thanos-io/thanos v0.42.4 thanos; fi
if [ ! -x "$promtool" ]; then compiled github.com/prometheus/prometheus v0.316.0 promtool; fi

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
stopped() {
    kill -TERM "$receive"
    wait "$receive" && echo "receive ended with 0"
}
uploaded() { cat "$folder"/bucket/*/meta.json | grep -o '"numSamples": *[0-9]*' | awk -F: '{n += $2} END {print n + 0}'; }

started
# All in one block of two hours: the timestamps are those of the last ten minutes of a block that is over.
newest=$(($(date +%s) / 7200 * 7200 - 60))
for step in $(seq 19 -1 0); do
    for series in 1 2 3 4; do
        echo "pushed{series=\"$series\"} $step $(((newest - 30 * step) * 1000))"
    done | "$promtool" push metrics --header=THANOS-TENANT=t http://127.0.0.1:31943/api/v1/receive
done
stopped
first="$(uploaded)"
started
stopped
second="$(uploaded)"
echo "80 samples pushed, $first uploaded by the first stop, $second by both"
[ "$first" = 76 ]
[ "$second" = 80 ]
