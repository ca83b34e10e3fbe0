#!/usr/bin/env bash
# Kills and starts the server that tests/postgres.sh made in MLOPS_TEST_POSTGRES_FOLDER:
#   start                     again, and returns when it takes connections
#   crash                     as pg_ctl -m immediate ends it
#   kill                      SIGKILL to all of its processes at once
#   kill-sessions <database>  SIGKILL to those that serve connections to a database; the server then ends all others and recovers by itself
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/postgres.sh"
postgres_folder=${MLOPS_TEST_POSTGRES_FOLDER:?is the folder of no server}

# Its own process and its children, which need not have ended yet where it has.
server=$(head -n 1 "$postgres_folder/data/postmaster.pid" 2>/dev/null || true)
children() { grep -lE "^PPid:\s+$server$" /proc/[0-9]*/status 2>/dev/null | cut -d / -f 3 || true; }

# A process that nobody has asked for its end stays as a zombie, and does no harm.
gone() { ! grep -qE '^State:\s+[^ZX]' "/proc/$1/status" 2>/dev/null; }

case ${1:-} in
  start) postgres_start ;;
  crash) postgres_crash ;;
  kill)
    kill -STOP "$server" # so that it begets no more of them
    mapfile -t processes < <(children)
    kill -KILL "$server" "${processes[@]}" 2>/dev/null || true # one may have ended by itself just now
    for process in "$server" "${processes[@]}"; do
      until gone "$process"; do sleep 0.02; done
    done
    # They name it, and as a zombie it would seem to run.
    rm -f "$postgres_folder/data/postmaster.pid" "$postgres_folder"/.s.PGSQL.* ;;
  kill-sessions)
    # Whoever has lost its connections comes back; the first one that is killed may take the others with it.
    killed=0
    for ((attempt = 0; attempt < 200 && killed == 0; attempt++)); do
      for process in $(children); do
        if grep -qaE "^postgres: [^ ]+ ${2:?names no database} " "/proc/$process/cmdline" 2>/dev/null && kill -KILL "$process" 2>/dev/null; then
          killed=$((killed + 1))
        fi
      done
      ((killed > 0)) || sleep 0.05
    done
    ((killed > 0)) || { echo "Nobody is connected to $2." >&2; exit 1; } ;;
  *) echo "'${1:-}' is none of start, crash, kill, kill-sessions." >&2; exit 2 ;;
esac
