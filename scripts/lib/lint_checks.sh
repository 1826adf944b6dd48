# The checks of `make lint`, which `make test` runs first.
#
# The page's crates are built in two ways: as part of the server (feature ssr) and for WebAssembly (feature hydrate). One
# cargo call would join the two sets of features, so frontend is left out of the first and is the root of the second.

lint_checks() {
  check "format" cargo fmt --all --check
  check "clippy-native" cargo clippy --locked --workspace --exclude frontend --no-deps --all-targets -- -D warnings
  check "clippy-wasm" cargo clippy --locked -p frontend -p app --features frontend/split --target wasm32-unknown-unknown --no-deps -- -D warnings
  check "dependencies" node "$BFTGYM_REPO/scripts/check_dependencies.mjs"
  check "scripts" scripts_are_sound
  if command -v cargo-deny >/dev/null 2>&1; then
    check "cargo-deny" cargo deny --locked check bans licenses sources
  else
    printf '\ncargo-deny is not installed: its check is skipped ("dependencies" above checked the same lists)\n'
  fi
}

# Every shell script parses, ShellCheck finds nothing where it is installed, and the scripts' own tests pass.
scripts_are_sound() {
  local file status=0
  local files=("$BFTGYM_REPO"/.ci/run "$BFTGYM_REPO"/scripts/*.sh "$BFTGYM_REPO"/scripts/lib/*.sh)
  for file in "${files[@]}"; do bash -n "$file" || status=1; done
  # SC2034 takes a variable that another file reads for unused.
  if command -v shellcheck >/dev/null 2>&1; then shellcheck --shell=bash --severity=warning --exclude=SC2034 "${files[@]}" || status=1; fi
  node --test --test-reporter=spec "$BFTGYM_REPO"/scripts/tests/*.test.mjs || status=1
  return "$status"
}
