# Assembles a complete Rust toolchain (host and WebAssembly) from Debian's packages, without installing any of them, and
# links it into rustup. The WASM standard library is built once from the matching source package.

# The one package that NAME depends on whose name matches PATTERN; keeps working when Debian ships a newer version.
dependency_matching() {
  apt-cache depends "$1" | sed -n 's/^ *Depends: //p' | grep -E "$2" | head -n 1
}

assemble_packaged_toolchain() {
  need apt-get "install a Rust toolchain with the wasm32-unknown-unknown target (rustup target add wasm32-unknown-unknown)"
  local toolchain="$BFTGYM_TOOLS/toolchain"
  if [ -f "$toolchain/complete" ]; then
    link_toolchain "$toolchain"
    return
  fi
  [ "$(id -u)" = 0 ] && apt-get update -qq
  local std compiler_library linker
  std="$(dependency_matching libstd-rust-web-dev '^libstd-rust-web-[0-9]')"
  [ -n "$std" ] || die "Debian's package lists have no rustc-web" "run 'apt-get update' as root, or install a Rust toolchain with the wasm32-unknown-unknown target"
  compiler_library="$(dependency_matching "$std" '^libllvm[0-9]')"
  linker="lld-${compiler_library#libllvm}"

  local work="$BFTGYM_CACHE/packages"
  rm -rf "$work" "$toolchain"
  mkdir -p "$work/root"
  say "downloading Debian's Rust compiler (about 155 MB)"
  (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root rustc-web "$std" libstd-rust-web-dev rust-web-src rust-web-clippy rustfmt-web "$compiler_library" "$linker") \
    || die "Debian's packages could not be downloaded" "check the network, then run the set-up again"
  local package
  for package in "$work"/*.deb; do dpkg -x "$package" "$work/root"; done

  lay_out_toolchain "$work/root/usr" "$toolchain"
  build_wasm_std "$work/root/usr" "$toolchain"
  touch "$toolchain/complete"
  rm -rf "$work"
  link_toolchain "$toolchain"
}

# lay_out_toolchain UNPACKED_USR TOOLCHAIN: the folder shape that rustup and cargo expect.
lay_out_toolchain() {
  local usr="$1" toolchain="$2" tool
  mkdir -p "$toolchain/bin" "$toolchain/lib"
  for tool in rustc rustdoc rustfmt cargo-fmt clippy-driver cargo-clippy; do
    cp -L "$(find "$usr" -type f -path "*bin/$tool" | head -n 1)" "$toolchain/bin/$tool"
  done
  # Without a cargo of its own, a linked toolchain silently falls back to another toolchain's.
  cp "$(rustup which cargo --toolchain "$(rustup show active-toolchain | cut -d' ' -f1)")" "$toolchain/bin/cargo"
  find "$usr/lib" -name 'librustc_driver-*.so' -exec cp -L {} "$toolchain/lib/" \;
  find "$usr/lib" -name 'libLLVM.so.*' -exec cp -L {} "$toolchain/lib/" \;
  rm -rf "$usr/lib/rustlib/src" # a link to the compiler's source, which nothing here reads
  cp -rL "$(find "$usr/lib" -type d -name rustlib | head -n 1)" "$toolchain/lib/"
  local host_bin
  host_bin="$(find "$toolchain/lib/rustlib" -maxdepth 1 -type d -name '*-linux-gnu*' | head -n 1)/bin"
  mkdir -p "$host_bin"
  cp -L "$(find "$usr/lib" -path '*llvm*/bin/lld' | head -n 1)" "$host_bin/rust-lld"
}

# build_wasm_std UNPACKED_USR TOOLCHAIN: the standard library for wasm32-unknown-unknown, from the matching source.
build_wasm_std() {
  local usr="$1" toolchain="$2" library target
  say "building the WebAssembly standard library (about one minute)"
  library="$BFTGYM_CACHE/wasm-std/library"
  target="$BFTGYM_CACHE/wasm-std/target"
  rm -rf "$BFTGYM_CACHE/wasm-std"
  mkdir -p "$(dirname "$library")"
  cp -rL "$(find "$usr/src" -maxdepth 2 -type d -path '*rustc-*/library' | head -n 1)" "$library"
  (
    cd "$library"
    unset RUSTUP_TOOLCHAIN
    LD_LIBRARY_PATH="$toolchain/lib" RUSTC="$toolchain/bin/rustc" RUSTC_BOOTSTRAP=1 \
      RUSTFLAGS="-Zforce-unstable-if-unmarked --remap-path-prefix=$library=/rustc/library" \
      CARGO_PROFILE_DIST_DEBUG=0 __CARGO_DEFAULT_LIB_METADATA=wasmstd \
      "$toolchain/bin/cargo" build --locked --profile dist -p sysroot --target wasm32-unknown-unknown --features panic-unwind --target-dir "$target"
  ) || die "the WebAssembly standard library did not build" "see the compiler's message above"
  local destination="$toolchain/lib/rustlib/wasm32-unknown-unknown/lib"
  mkdir -p "$destination"
  cp "$target"/wasm32-unknown-unknown/dist/deps/*.rlib "$destination/"
  rm -rf "$BFTGYM_CACHE/wasm-std"
}

link_toolchain() {
  rustup toolchain link "$BFTGYM_LINKED_TOOLCHAIN" "$1"
}
