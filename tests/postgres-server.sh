#!/usr/bin/env bash
# A PostgreSQL 15 for a program that starts and ends it as a process of its own:
#   install              from Debian where it is missing; exit code 77: it cannot be
#   serve FOLDER PORT    makes one in a new folder, and becomes the server: SIGTERM ends it. FOLDER/password is that of its user postgres.
# What is acknowledged is on disk; all other settings are PostgreSQL's own.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/postgres.sh"

case ${1:-} in
  install) postgres_install >&2 || { echo "$POSTGRES_MISSING" >&2; exit 77; } ;;
  serve)
    postgres_folder=${2:?is no folder}
    mkdir "$postgres_folder"
    postgres_init >&2
    postgres_listen "${3:?is no port}"
    postgres_become "$POSTGRES_BIN/postgres" -D "$postgres_folder/data" -c fsync=on -c synchronous_commit=on -c full_page_writes=on ;;
  *) echo "'${1:-}' is none of install, serve." >&2; exit 2 ;;
esac
