#!/usr/bin/env bash
# Every check and every test. A step that fails does not keep the next ones from running; the last line says
# "N passed, N failed", and the exit status is 0 only when nothing failed.
set -uo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=env.sh
source "$here/env.sh"
for part in checks lint_checks rust_tests same_bytes browser browser_tests; do
  # shellcheck source=/dev/null
  source "$here/lib/$part.sh"
done
cd "$BFTGYM_REPO" || exit 1
export CARGO_TARGET_DIR="$BFTGYM_REPO/target"
trap 'exit 130' INT TERM

rm -rf "$LOGS"
if ! logged "setup" "$here/setup.sh" --tests; then
  count 0 1 "setup"
  finish
  exit 1
fi
# The set-up may have chosen a toolchain.
# shellcheck source=env.sh
source "$here/env.sh"

lint_checks
server_built=yes
rust_tests || server_built=no
same_bytes
# The server comes from the step above; only the page is left to build.
if logged "page-build" cargo leptos build --frontend-only $BFTGYM_PAGE_OPTIONS; then count 1 0 "page-build"; else
  count 0 1 "page-build"
  server_built=no
fi
if [ "$server_built" = yes ]; then
  browser_tests
else
  count 0 1 "browser-tests (not run: there is no fresh server or page)"
fi
finish
