#!/usr/bin/env bash
# The store's contracts on PostgreSQL 15: installs it from Debian where it is missing (as root), starts a server of its own in a temporary folder,
# runs the tests that need one, and stops it. With arguments it runs these instead, with MLOPS_TEST_POSTGRES set:
#   tests/run-postgres.sh bash
# Exit code 77: there is no PostgreSQL 15 and none can be installed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tests/postgres.sh

postgres_install || { echo "skipped: $POSTGRES_MISSING"; exit 77; }
trap postgres_remove EXIT
trap 'exit 143' INT TERM
postgres_make || exit 1

if (($# > 0)); then
  "$@"
  exit
fi

dotnet run --project tests/MlOps.Edge.Cloud.Tests -- -trait Store=PostgreSQL 2>&1 | tee "$postgres_folder/tests.log"
code=${PIPESTATUS[0]}
((code == 0)) || exit "$code"

# Nothing ran, or some were skipped: that is no proof.
sed -E 's/\x1b\[[0-9;]*m//g' "$postgres_folder/tests.log" | grep -qE 'Total: [1-9][0-9]*,.* Skipped: 0,' || { echo "No test ran, or some were skipped."; exit 1; }
