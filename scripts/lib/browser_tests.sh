# The browser tests: the real server, a real local cluster, headless Chromium.

browser_tests() {
  local results="$BFTGYM_REPO/end2end/results" status=0 counts
  rm -rf "$results" "$BFTGYM_REPO/end2end/screenshots"
  BFTGYM_CHROMIUM="$(find_chromium)"
  export BFTGYM_CHROMIUM
  export BFTGYM_BINARY="$BFTGYM_REPO/target/debug/bftgym"
  logged "browser-tests" run_playwright || status=$?
  # A run that broke before its first test leaves no report: that is one failure.
  counts="$(node "$BFTGYM_REPO/scripts/count_browser_tests.mjs" "$results/report.json" "$status")" || counts="0 1"
  # shellcheck disable=SC2086 # two numbers
  count $counts "browser-tests"
}

run_playwright() { (cd "$BFTGYM_REPO/end2end" && npx --no-install playwright test); }
