# The tools that turn Rust into a site: wasm-bindgen, cargo-leptos (both from crates.io), wasm-opt and sass (both from npm).

ensure_npm_tools() {
  local folder="$BFTGYM_TOOLS/npm" source="$BFTGYM_REPO/scripts/build-tools"
  # The mark is written last, so that an interrupted installation is done again.
  if cmp -s "$source/package-lock.json" "$folder/installed-lock"; then
    return
  fi
  say "installing sass and wasm-opt from npm"
  mkdir -p "$folder"
  cp "$source/package.json" "$source/package-lock.json" "$folder/"
  (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error) || die "npm could not install sass and binaryen" "check the network, then run the set-up again"
  cp "$source/package-lock.json" "$folder/installed-lock"
}

ensure_wasm_bindgen() {
  local tool="$BFTGYM_TOOLS/bin/wasm-bindgen"
  if [ -x "$tool" ] && [ "$("$tool" --version)" = "wasm-bindgen $WASM_BINDGEN_VERSION" ]; then
    return
  fi
  say "building wasm-bindgen $WASM_BINDGEN_VERSION (about five minutes on two cores, once)"
  CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_TARGET_DIR="$BFTGYM_CACHE/build/wasm-bindgen" \
    cargo install wasm-bindgen-cli --locked --version "$WASM_BINDGEN_VERSION" --no-default-features --bin wasm-bindgen --root "$BFTGYM_TOOLS" --force \
    || die "wasm-bindgen-cli $WASM_BINDGEN_VERSION did not build" "see the compiler's message above"
  rm -rf "$BFTGYM_CACHE/build/wasm-bindgen"
}

ensure_cargo_leptos() {
  local tool="$BFTGYM_TOOLS/bin/cargo-leptos"
  if [ -x "$tool" ] && "$tool" --version 2>/dev/null | grep -q "$CARGO_LEPTOS_VERSION"; then
    return
  fi
  say "building cargo-leptos $CARGO_LEPTOS_VERSION (about ten minutes on two cores, once)"
  # Its own release profile (one fat unit) takes far longer than the tool will ever save.
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_STRIP=symbols \
    CARGO_TARGET_DIR="$BFTGYM_CACHE/build/cargo-leptos" \
    cargo install cargo-leptos --locked --version "$CARGO_LEPTOS_VERSION" --features no_downloads --root "$BFTGYM_TOOLS" --force \
    --config 'profile.release.package.brotli.opt-level=3' \
    || die "cargo-leptos $CARGO_LEPTOS_VERSION did not build" "it needs rustc 1.96: run 'rustup update stable', or set BFTGYM_TOOLCHAIN=registries on a Debian machine"
  rm -rf "$BFTGYM_CACHE/build/cargo-leptos"
}

# Makes a plain `cargo leptos serve` work in any shell: a wrapper beside cargo that puts our tools on the path.
# A cargo-leptos of the user's own is left alone.
ensure_cargo_leptos_wrapper() {
  local wrapper="${CARGO_HOME:-$HOME/.cargo}/bin/cargo-leptos"
  if [ -e "$wrapper" ] && ! grep -qs 'bftgym wrapper' "$wrapper"; then
    return
  fi
  mkdir -p "$(dirname "$wrapper")"
  local fresh
  fresh="$(printf '%s\n' '#!/usr/bin/env bash' '# bftgym wrapper: runs the cargo-leptos of the BFTGym tool cache.' \
    "export PATH=\"$BFTGYM_TOOLS/bin:$BFTGYM_TOOLS/npm/node_modules/.bin:\$PATH\"" \
    'unset CARGO RUSTC' \
    "[ -f \"$BFTGYM_CACHE/toolchain-choice\" ] && RUSTUP_TOOLCHAIN=\"\$(cat \"$BFTGYM_CACHE/toolchain-choice\")\" && export RUSTUP_TOOLCHAIN" \
    "exec \"$BFTGYM_TOOLS/bin/cargo-leptos\" \"\$@\"")"
  [ "$(cat "$wrapper" 2>/dev/null)" = "$fresh" ] && return
  printf '%s\n' "$fresh" >"$wrapper"
  chmod +x "$wrapper"
}
