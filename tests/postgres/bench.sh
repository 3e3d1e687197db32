#!/usr/bin/env bash
# Speed and memory of hessra_authz in a server of its own, against functions that come with PostgreSQL: bench.sh
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/server.sh"
server_make
server_extensions
hessra_config
# What is measured is neither the disk nor the planner's choice of workers.
server_start hessra.config_path="$work/hessra.json" shared_buffers=256MB max_parallel_workers_per_gather=0 jit=off autovacuum=off
"$bin/psql" -XqAt -v ON_ERROR_STOP=1 -f "$root/postgres/hessra_authz/data/tokens.psql" -f "$here/bench.sql" >/dev/null
echo "PostgreSQL $version, $(nproc) processors"
exec python3 "$here/bench.py"
