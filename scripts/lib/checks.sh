# Runs checks one after the other, shows and keeps what they say, and counts.

PASSED=0
FAILED=0
STEP_TIMES=()
FAILED_STEPS=()
LOGS="${BFTGYM_TEST_LOGS:-$BFTGYM_REPO/target/test-logs}"

# logged NAME COMMAND...: shows the command's output and keeps it in LOGS/NAME.log; returns its status.
logged() {
  local name="$1" started="$SECONDS" status=0
  shift
  mkdir -p "$LOGS"
  printf '\n\033[1m== %s\033[0m\n' "$name"
  "$@" 2>&1 </dev/null | tee "$LOGS/$name.log" || status="${PIPESTATUS[0]}"
  STEP_TIMES+=("$(printf '%5d s  %s' "$((SECONDS - started))" "$name")")
  return "$status"
}

# count PASSED FAILED NAME: adds to the totals.
count() {
  PASSED=$((PASSED + $1))
  FAILED=$((FAILED + $2))
  [ "$2" = 0 ] || FAILED_STEPS+=("$3")
}

# check NAME COMMAND...: a step that passes or fails as one.
check() {
  if logged "$@"; then count 1 0 "$1"; else count 0 1 "$1"; fi
}

# Ends the run: durations, what failed, and the one last line.
finish() {
  local line
  if [ "${#STEP_TIMES[@]}" -gt 0 ]; then
    printf '\nDurations:\n'
    for line in "${STEP_TIMES[@]}"; do printf '  %s\n' "$line"; done
  fi
  if [ "${#FAILED_STEPS[@]}" -gt 0 ]; then
    printf '\nFailed (logs in %s):\n' "$LOGS"
    for line in "${FAILED_STEPS[@]}"; do printf '  %s\n' "$line"; done
  fi
  printf '\n%d passed, %d failed\n' "$PASSED" "$FAILED"
  [ "$FAILED" = 0 ] && [ "$PASSED" -gt 0 ]
}
