#!/usr/bin/env bash
# Runs random schedules of trouble for every shipped protocol; fails where one of them does. Options after the number go to
# bftgym simulate, such as --crashes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

schedules="${1:-100000}"
shift || true
failed=0
for file in protocol/definitions/*.yaml; do
  target/release/bftgym simulate "$(basename "$file" .yaml)" --schedules "$schedules" "$@" || failed=1
done
exit "$failed"
