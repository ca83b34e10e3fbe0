# shellcheck shell=bash
# Sourced by what needs a PostgreSQL 15 of its own: it lives in a temporary folder, at a free port of this machine.

readonly POSTGRES_BIN=/usr/lib/postgresql/15/bin
readonly POSTGRES_MISSING="PostgreSQL 15 (Debian package postgresql-15) is missing and cannot be installed here"
postgres_folder=

# Installs it from Debian where it is missing, as root; fails where it cannot.
postgres_install() {
  [[ -x $POSTGRES_BIN/initdb ]] && return 0
  if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    return 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql-common || return 1
  # Debian would make and start a server of its own beside ours.
  sed -i -E "s/^#? *create_main_cluster.*/create_main_cluster = false/" /etc/postgresql-common/createcluster.conf
  apt-get install -y -qq --no-install-recommends postgresql-15 && [[ -x $POSTGRES_BIN/initdb ]]
}

# Becomes a program of it, in a folder that it may enter. PostgreSQL refuses to run as root.
postgres_become() {
  cd "$postgres_folder" || return 1
  if ((EUID == 0)); then exec setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else exec "$@"; fi
}

postgres_owner() { (postgres_become "$@"); }

postgres_start() { postgres_owner "$POSTGRES_BIN/pg_ctl" -D "$postgres_folder/data" -l "$postgres_folder/server.log" -w start >/dev/null; }

# No checkpoint, no goodbye: the next start recovers from the log.
postgres_crash() { postgres_owner "$POSTGRES_BIN/pg_ctl" -D "$postgres_folder/data" -m immediate -w stop >/dev/null; }

# Makes one in its folder, which is empty; the password of its user postgres is beside it.
postgres_init() {
  ((EUID != 0)) || chown postgres "$postgres_folder"
  (umask 077 && od -An -N12 -tx1 /dev/urandom | tr -d ' \n' > "$postgres_folder/password")
  ((EUID != 0)) || chown postgres "$postgres_folder/password"
  postgres_owner "$POSTGRES_BIN/initdb" -D "$postgres_folder/data" -U postgres -E UTF8 --locale=C --auth=scram-sha-256 --pwfile="$postgres_folder/password" > "$postgres_folder/initdb.log" 2>&1 ||
    { cat "$postgres_folder/initdb.log"; return 1; }
}

# It listens there only.
postgres_listen() {
  cat > "$postgres_folder/data/postgresql.auto.conf" << SETTINGS
listen_addresses = '127.0.0.1'
port = $1
unix_socket_directories = '$postgres_folder'
SETTINGS
}

# Makes and starts one. MLOPS_TEST_POSTGRES is then its connection string; with MLOPS_TEST_POSTGRES_FOLDER, tests/postgres-control.sh kills and starts it.
postgres_make() {
  postgres_folder=$(mktemp -d)
  postgres_init || return 1

  # A port that is taken is not an error of ours.
  local port
  for _ in {1..20}; do
    port=$((10000 + RANDOM % 10000))
    postgres_listen "$port"
    cat >> "$postgres_folder/data/postgresql.auto.conf" << SETTINGS
checkpoint_timeout = 1h
max_wal_size = 4GB
log_lock_waits = on
log_min_duration_statement = 5s
SETTINGS
    postgres_start && break
    port=
  done
  [[ -n $port ]] || { cat "$postgres_folder/server.log"; return 1; }
  export MLOPS_TEST_POSTGRES="Host=127.0.0.1;Port=$port;Username=postgres;Password=$(< "$postgres_folder/password");Database=postgres"
  export MLOPS_TEST_POSTGRES_FOLDER=$postgres_folder
}

# Ends it and deletes all that it had.
postgres_remove() {
  [[ -n $postgres_folder ]] || return 0
  [[ ! -f $postgres_folder/data/postmaster.pid ]] || postgres_crash
  rm -rf "$postgres_folder"
}
