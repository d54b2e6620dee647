#!/usr/bin/env bash
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Kubernetes 1.36.3: a dry run of a Service succeeds with a node port outside of the range of node ports.
#
# Behaviour: with ?dryRun=All the server answers 201 to a Service of type NodePort with nodePort 8080, and the same
# request without dryRun is answered with 422 ("not in the valid range"). A port that another Service has is refused
# both ways. By server-side apply it is the same.
#
# Consequence: a dry run of a manifest does not foretell this refusal, and no API of the server tells the range.
#
# ETCD, APISERVER: paths of the programs. What is not given is compiled from its Go module, which takes minutes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'kill -KILL $(jobs -p) 2>/dev/null || true; wait 2>/dev/null; rm -rf "$folder"' EXIT
etcd="${ETCD:-$folder/etcd}" apiserver="${APISERVER:-$folder/apiserver}"
if [ ! -x "$etcd" ] || [ ! -x "$apiserver" ]; then
    mkdir "$folder/source" && cd "$folder/source"
    go mod init example.org/servers
    manifest="$(go mod download -json k8s.io/kubernetes@v1.36.3 | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')"
    # The module replaces its libraries with folders that its archive lacks; they are published as modules, too.
    for library in $(sed -n 's|^\t\(k8s.io/[a-z-]*\) => ./staging/.*|\1|p' "$manifest"); do
        go mod edit "-replace=$library=$library@v0.36.3"
    done
    go mod edit -require=k8s.io/kubernetes@v1.36.3 -require=go.etcd.io/etcd/server/v3@v3.6.8
    go build -mod=mod -o "$folder/apiserver" k8s.io/kubernetes/cmd/kube-apiserver
    go build -mod=mod -o "$folder/etcd" go.etcd.io/etcd/server/v3
    cd - > /dev/null
fi

openssl genrsa -out "$folder/accounts.key" 2048 2> "$folder/openssl.log"
echo 'finding,admin,1,"system:masters"' > "$folder/tokens.csv"
"$etcd" --data-dir="$folder/etcd-data" --listen-client-urls=http://127.0.0.1:31951 \
    --advertise-client-urls=http://127.0.0.1:31951 --listen-peer-urls=http://127.0.0.1:31952 2> "$folder/etcd.log" &
"$apiserver" --etcd-servers=http://127.0.0.1:31951 --secure-port=31950 --bind-address=127.0.0.1 \
    --cert-dir="$folder/certificates" --service-cluster-ip-range=10.96.0.0/16 --token-auth-file="$folder/tokens.csv" \
    --service-account-issuer=https://127.0.0.1:31950 --service-account-key-file="$folder/accounts.key" \
    --service-account-signing-key-file="$folder/accounts.key" 2> "$folder/apiserver.log" &
ask() { curl --silent --insecure --header 'Authorization: Bearer finding' "$@"; }
for _ in $(seq 120); do
    if ask --fail --output /dev/null https://127.0.0.1:31950/readyz; then break; fi
    sleep 1
done

sent() { # name, node port, query: the status of server-side apply, and the server's message where it refuses
    body="{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"$1\"},
        \"spec\": {\"type\": \"NodePort\", \"ports\": [{\"port\": 80, \"nodePort\": $2}]}}"
    ask --request PATCH --output "$folder/answer" --write-out '%{http_code}' \
        --header 'Content-Type: application/apply-patch+yaml' --data "$body" \
        "https://127.0.0.1:31950/api/v1/namespaces/default/services/$1?fieldManager=finding$3"
    echo " $(sed -n 's/^ *"message": "\(Service.*\)",$/\1/p' "$folder/answer")"
}
status() { echo "$1: $2" && [ "${2%% *}" = "$3" ]; }
status "the first Service with port 30080" "$(sent first 30080 '')" 201
status "the second, dry run" "$(sent second 30080 '&dryRun=All')" 422
status "the second" "$(sent second 30080 '')" 422
status "port 8080, dry run" "$(sent third 8080 '&dryRun=All')" 201
status "port 8080" "$(sent third 8080 '')" 422
