# The Rust tests, and the server binary that the browser tests drive.

# Counts the tests in a log of `cargo test`, whose exit status is the second argument.
count_rust_tests() {
  local log="$1" status="$2" passed failed
  passed="$(sed -nE 's/^test result: .* ([0-9]+) passed; .*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')"
  failed="$(sed -nE 's/^test result: .* ([0-9]+) failed; .*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')"
  # A test program that crashed leaves no result line; a run without a single test proves nothing.
  if [ "$failed" = 0 ] && { [ "$status" != 0 ] || [ "$passed" = 0 ]; }; then failed=1; fi
  count "$passed" "$failed" "rust-tests"
}

# Builds all test programs, then runs them. Returns 1 when they do not compile: then there is no fresh server either.
rust_tests() {
  # The tests of the server drive its binary, so this selection builds target/debug/bftgym as well. frontend is left out:
  # it would switch the page's libraries to both of their ways at once and compile them a second time.
  local selection=(--locked --workspace --exclude frontend) status=0
  if ! logged "rust-build" cargo test "${selection[@]}" --no-run; then
    count 0 1 "rust-build"
    return 1
  fi
  logged "rust-tests" cargo test "${selection[@]}" --no-fail-fast || status=$?
  count_rust_tests "$LOGS/rust-tests.log" "$status"
}
