#!/usr/bin/env bash
# The fault ledger: each value that a sensor gave is stored once, or lies in an exact gap record, whatever is killed, cut, filled or set.
#   tests/run-ledger.sh [--seed N] [--rounds N]
# Random moments come from the seed, which is printed; each further round takes the next one. What this machine lacks (mosquitto, faketime,
# root for a small tmpfs) is skipped and named.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seed=$RANDOM rounds=1
while (($# > 0)); do
  case $1 in
    --seed | --rounds)
      [[ ${2:-} =~ ^[0-9]{1,9}$ ]] || { echo "$1 needs a number." >&2; exit 2; }
      if [[ $1 == --seed ]]; then seed=$2; else rounds=$2; fi
      shift 2 ;;
    *) echo "'$1' is no option; the options are --seed N and --rounds N." >&2; exit 2 ;;
  esac
done

dotnet build tests/MlOps.Edge.EndToEnd -v q --nologo || exit 1
failed=0
for ((round = 1; round <= rounds; round++)); do
  printf '\n-- round %s of %s, seed %s\n' "$round" "$rounds" "$seed"
  MLOPS_FAULT_LEDGER=1 MLOPS_TEST_SEED=$seed dotnet run --no-build --project tests/MlOps.Edge.EndToEnd -- \
    -namespace MlOps.Edge.EndToEnd.Ledger -noColor -showLiveOutput || failed=1
  seed=$((seed + 1))
done
exit "$failed"
