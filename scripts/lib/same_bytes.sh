# The simulator gives the same bytes natively and in WebAssembly.

same_bytes() {
  local status=0 line
  logged "same-bytes" compare_traces || status=$?
  line="$(tail -n 1 "$LOGS/same-bytes.log")"
  if [[ "$line" =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    count "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "same-bytes"
  else
    count 0 1 "same-bytes"
  fi
  return "$status"
}

compare_traces() {
  cargo build --locked -p protocol --example traces \
    && cargo build --locked -p protocol --example traces_wasm --target wasm32-unknown-unknown \
    && node "$BFTGYM_REPO/scripts/compare_traces.mjs" "$CARGO_TARGET_DIR/debug/examples/traces" \
      "$CARGO_TARGET_DIR/wasm32-unknown-unknown/debug/examples/traces_wasm.wasm"
}
