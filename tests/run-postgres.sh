#!/usr/bin/env bash
# The store's contracts on PostgreSQL 15: installs it from Debian where it is missing (as root), starts a server of its own in a temporary folder,
# runs the tests that need one, and stops it. With arguments it runs these instead, with MLOPS_TEST_POSTGRES set:
#   tests/run-postgres.sh bash
# Exit code 77: there is no PostgreSQL 15 and none can be installed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly BIN=/usr/lib/postgresql/15/bin

install_postgres() {
  [[ -x $BIN/initdb ]] && return 0
  if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    return 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql-common || return 1
  # Debian would make and start a server of its own beside ours.
  sed -i -E "s/^#? *create_main_cluster.*/create_main_cluster = false/" /etc/postgresql-common/createcluster.conf
  apt-get install -y -qq --no-install-recommends postgresql-15 && [[ -x $BIN/initdb ]]
}

install_postgres || { echo "skipped: PostgreSQL 15 (Debian package postgresql-15) is missing and cannot be installed here"; exit 77; }

# PostgreSQL refuses to run as root.
owner() { if ((EUID == 0)); then runuser -u postgres -- "$@"; else "$@"; fi; }

folder=$(mktemp -d)
((EUID != 0)) || chown postgres "$folder"
stop() {
  [[ ! -f $folder/data/postmaster.pid ]] || owner "$BIN/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 143' INT TERM

password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
(umask 077 && printf '%s\n' "$password" > "$folder/password")
((EUID != 0)) || chown postgres "$folder/password"
cd "$folder" || exit 1
owner "$BIN/initdb" -D "$folder/data" -U postgres -E UTF8 --locale=C --auth=scram-sha-256 --pwfile="$folder/password" > "$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log"; exit 1; }

# A port that is taken is not an error of ours.
for _ in {1..20}; do
  port=$((10000 + RANDOM % 10000))
  if owner "$BIN/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c checkpoint_timeout=1h -c max_wal_size=4GB -c log_lock_waits=on -c log_min_duration_statement=5s" start >/dev/null; then
    break
  fi
  port=
done
[[ -n $port ]] || { cat "$folder/server.log"; exit 1; }
cd - >/dev/null || exit 1

export MLOPS_TEST_POSTGRES="Host=127.0.0.1;Port=$port;Username=postgres;Password=$password;Database=postgres"
if (($# > 0)); then
  "$@"
  exit
fi

dotnet run --project tests/MlOps.Edge.Cloud.Tests -- -trait Store=PostgreSQL 2>&1 | tee "$folder/tests.log"
code=${PIPESTATUS[0]}
((code == 0)) || exit "$code"

# Nothing ran, or some were skipped: that is no proof.
sed -E 's/\x1b\[[0-9;]*m//g' "$folder/tests.log" | grep -qE 'Total: [1-9][0-9]*,.* Skipped: 0,' || { echo "No test ran, or some were skipped."; exit 1; }
