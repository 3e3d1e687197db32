#!/usr/bin/env bash
# Speed and memory of the extensions in a server of its own, against functions that come with PostgreSQL:
#   bench.sh [PART...]    parts as in bench.py
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/server.sh"
server_make
server_extensions
hessra_config
printf '{"ServiceName": "billing", "ProductID": "shop", "StrictConfig": true, "Metastore": "sqlite",
"ConnectionString": "%s/run/keys.db", "KMS": "static", "StaticMasterKeyHex": "%064d"}\n' "$work" 7 >"$work/asherah.json"
chmod 600 "$work/asherah.json"
[ -z "$account" ] || chown "$account" "$work/asherah.json"
# What is measured is neither the disk nor the planner's choice of workers.
server_start hessra.config_path="$work/hessra.json" asherah.config_path="$work/asherah.json" \
	shared_buffers=256MB max_parallel_workers_per_gather=0 jit=off autovacuum=off
"$bin/psql" -XqAt -v ON_ERROR_STOP=1 -f "$root/postgres/hessra_authz/data/tokens.psql" -f "$here/bench.sql" >/dev/null
echo "PostgreSQL $version, $(nproc) processors"
python3 "$here/bench.py" "$@"
