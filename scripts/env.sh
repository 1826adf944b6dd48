# Where the project's tools are, for every script and for a developer's shell: `source scripts/env.sh`.
# Tools live in the user's cache, not in the checkout, so that a second clone finds them ready.

BFTGYM_CACHE="${BFTGYM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bftgym}"
BFTGYM_REPO="$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")/.." && pwd)"
BFTGYM_TOOLS="$BFTGYM_CACHE/tools"
# The name under which rustup knows the toolchain assembled from packages.
BFTGYM_LINKED_TOOLCHAIN=bftgym

# The wasm-bindgen command line tool must equal the crate: both follow the exact version that Cargo.toml pins.
WASM_BINDGEN_VERSION="$(sed -n 's/^wasm-bindgen = "=\([0-9.]*\)"$/\1/p' "$BFTGYM_REPO/Cargo.toml")"
CARGO_LEPTOS_VERSION=0.3.11

if [ -f "$BFTGYM_CACHE/toolchain-choice" ]; then
  BFTGYM_CHOSEN="$(cat "$BFTGYM_CACHE/toolchain-choice")"
  if [ -n "$BFTGYM_CHOSEN" ]; then
    export RUSTUP_TOOLCHAIN="$BFTGYM_CHOSEN"
  fi
fi

# The page as it is used: the code of most pages is fetched when they are opened. Without these options, as in plain
# `cargo leptos serve`, all of it is in one file.
BFTGYM_PAGE_OPTIONS="--split --lib-features split"

export PATH="$BFTGYM_TOOLS/bin:$BFTGYM_TOOLS/npm/node_modules/.bin:$PATH"
export BFTGYM_CACHE BFTGYM_TOOLS BFTGYM_PAGE_OPTIONS
