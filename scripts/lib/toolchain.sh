# Finds or makes a Rust toolchain that can build for wasm32-unknown-unknown, and writes its name down.
#
# Order: a WASM standard library that is there is used; else `rustup target add`; else, where rustup's host cannot be
# reached, the toolchain is assembled from Debian's packages (lib/packaged_toolchain.sh).
# BFTGYM_TOOLCHAIN=registries goes straight to the last way.

has_wasm_std() {
  local libdir
  libdir="$(RUSTUP_TOOLCHAIN="${1:-${RUSTUP_TOOLCHAIN:-}}" rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null)" || return 1
  ls "$libdir"/libstd-*.rlib >/dev/null 2>&1
}

choose_toolchain() { printf '%s' "$1" >"$BFTGYM_CACHE/toolchain-choice"; }

ensure_toolchain() {
  mkdir -p "$BFTGYM_CACHE"
  if [ -f "$BFTGYM_CACHE/toolchain-choice" ] && has_wasm_std "$(cat "$BFTGYM_CACHE/toolchain-choice")"; then
    return
  fi
  if [ "${BFTGYM_TOOLCHAIN:-}" != registries ]; then
    local current
    current="$(rustup show active-toolchain 2>/dev/null | cut -d' ' -f1)"
    if has_wasm_std "$current"; then
      choose_toolchain "$current"
      return
    fi
    say "adding the WebAssembly target to $current with rustup"
    if with_time_limit 180 rustup target add wasm32-unknown-unknown --toolchain "$current" && has_wasm_std "$current"; then
      with_time_limit 180 rustup component add --toolchain "$current" rustfmt clippy || true
      choose_toolchain "$current"
      return
    fi
    say "rustup's host cannot be reached: assembling a toolchain from Debian's packages instead"
  fi
  assemble_packaged_toolchain
  choose_toolchain "$BFTGYM_LINKED_TOOLCHAIN"
}
