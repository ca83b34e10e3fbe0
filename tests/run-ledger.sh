#!/usr/bin/env bash
# The fault ledger: each value that a sensor gave is stored once, or lies in an exact gap record, whatever is killed, cut, filled or set.
#   tests/run-ledger.sh [--seed N] [--rounds N] [--all]
# Random moments come from the seed, which is printed; each further round takes the next one. --all is every fault with both stores; without it the
# second has those that it can tell apart. What this machine lacks (mosquitto, faketime, PostgreSQL 15, root for a small tmpfs) is skipped and named.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tests/postgres.sh

seed=$RANDOM rounds=1 part=1
while (($# > 0)); do
  case $1 in
    --seed | --rounds)
      [[ ${2:-} =~ ^[0-9]{1,9}$ ]] || { echo "$1 needs a number." >&2; exit 2; }
      if [[ $1 == --seed ]]; then seed=$2; else rounds=$2; fi
      shift 2 ;;
    --all) part=all; shift ;;
    *) echo "'$1' is no option; the options are --seed N, --rounds N and --all." >&2; exit 2 ;;
  esac
done

dotnet build tests/MlOps.Edge.EndToEnd -v q --nologo || exit 1

# A server that was named by whoever calls stays as it is.
trap postgres_remove EXIT
trap 'exit 143' INT TERM
if [[ -z ${MLOPS_TEST_POSTGRES:-} ]] && postgres_install; then
  postgres_make || exit 1
fi

failed=0
for ((round = 1; round <= rounds; round++)); do
  printf '\n-- round %s of %s, seed %s\n' "$round" "$rounds" "$seed"
  MLOPS_FAULT_LEDGER=$part MLOPS_TEST_SEED=$seed MLOPS_TEST_POSTGRES_CONTROL=$PWD/tests/postgres-control.sh dotnet run --no-build --project tests/MlOps.Edge.EndToEnd -- \
    -namespace MlOps.Edge.EndToEnd.Ledger -noColor -showLiveOutput || failed=1
  seed=$((seed + 1))
done
exit "$failed"
