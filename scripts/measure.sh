#!/usr/bin/env bash
# Prints figures of the page with the release build. Expects it to be built: `make measure` sees to that.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=env.sh
source "$here/env.sh"
# shellcheck source=/dev/null
source "$here/lib/browser.sh"

BFTGYM_CHROMIUM="$(find_chromium)"
export BFTGYM_CHROMIUM
export BFTGYM_BINARY="$BFTGYM_REPO/target/release/bftgym"
# Writes a trial of one hour, which nobody wants to wait for.
cargo build --quiet --release --locked --example hour -p store
export BFTGYM_HOUR="$BFTGYM_REPO/target/release/examples/hour"
cd "$BFTGYM_REPO/end2end"
exec npx --no-install playwright test --config measure/playwright.config.ts
