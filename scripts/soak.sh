#!/usr/bin/env bash
# Runs random schedules of trouble for every shipped protocol, and a tenth as many in which a replica may also crash and
# restart; fails where one of them does. Options after the number go to bftgym simulate.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

schedules="${1:-100000}"
shift || true
failed=0
for file in protocol/definitions/*.yaml; do
  name="$(basename "$file" .yaml)"
  target/release/bftgym simulate "$name" --schedules "$schedules" "$@" || failed=1
  target/release/bftgym simulate "$name" --schedules "$(((schedules + 9) / 10))" --crashes "$@" || failed=1
done
exit "$failed"
