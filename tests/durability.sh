#!/usr/bin/env bash
# Durability that is seen: the real agent and the real cloud under strace, and power cuts at hundreds of moments of the same recordings
# (docs/decisions/durability-is-seen.md). Exit code 77: skipped, with the reason.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly SKIPPED=77

if ! command -v strace >/dev/null && ((EUID == 0)) && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends strace
fi
if ! command -v strace >/dev/null; then
  echo "skipped: strace is missing and cannot be installed here"
  exit "$SKIPPED"
fi
if ! why=$(strace -f --seccomp-bpf -o /dev/null true 2>&1); then
  echo "skipped: strace may not trace here ($why)"
  exit "$SKIPPED"
fi

exec timeout 8m dotnet run --project tests/MlOps.Edge.EndToEnd -- -namespace MlOps.Edge.EndToEnd.Durability -noColor -showLiveOutput
