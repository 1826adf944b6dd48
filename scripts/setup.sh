#!/usr/bin/env bash
# Installs what building, running and (with --tests) testing BFTGym needs. Idempotent: a step whose result is there is skipped.
#
# Needs: rustup's Rust, Node.js with npm, a C compiler. Set BFTGYM_TOOLCHAIN=registries on a machine that reaches package
# registries only.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=env.sh
source "$here/env.sh"
for part in log packaged_toolchain toolchain build_tools browser ssh; do
  # shellcheck source=/dev/null
  source "$here/lib/$part.sh"
done

need rustup "install Rust from https://rustup.rs"
need_node 20.19
need npm "install npm, which comes with Node.js (Debian: apt-get install npm)"
need cc "install a C compiler (Debian: apt-get install gcc libc6-dev)"

# Clones set up side by side share one tool cache: only one of them may build it.
mkdir -p "$BFTGYM_CACHE"
if command -v flock >/dev/null 2>&1; then
  exec 9>"$BFTGYM_CACHE/setup.lock"
  flock -n 9 || { say "waiting for another set-up to finish"; flock 9; }
fi

if [ ! -x "$BFTGYM_TOOLS/bin/cargo-leptos" ]; then
  say "first set-up: installing build tools into $BFTGYM_CACHE; this takes about 15 minutes on two cores, once"
fi
ensure_toolchain
RUSTUP_TOOLCHAIN="$(cat "$BFTGYM_CACHE/toolchain-choice")"
export RUSTUP_TOOLCHAIN
ensure_npm_tools
ensure_wasm_bindgen
ensure_cargo_leptos
ensure_cargo_leptos_wrapper
if [ "${1:-}" = --tests ]; then
  ensure_playwright
  ensure_chromium
  ensure_sshd
fi
