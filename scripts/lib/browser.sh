# Playwright and a Chromium for the browser tests.

find_chromium() {
  local candidate
  for candidate in "${BFTGYM_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    [ -n "$candidate" ] && command -v "$candidate" 2>/dev/null && return
  done
  find "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}" -type f \( -name chrome -o -name headless_shell -o -name chrome-headless-shell \) -perm -u+x 2>/dev/null | sort | tail -n 1
}

ensure_playwright() {
  local folder="$BFTGYM_REPO/end2end"
  if cmp -s "$folder/package-lock.json" "$folder/node_modules/.bftgym-lock"; then
    return
  fi
  say "installing Playwright from npm"
  (cd "$folder" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error) || die "npm could not install Playwright" "check the network, then run the set-up again"
  cp "$folder/package-lock.json" "$folder/node_modules/.bftgym-lock"
}

ensure_chromium() {
  [ -n "$(find_chromium)" ] && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "installing Debian's Chromium (about 100 MB)"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null || true
  else
    say "downloading Playwright's Chromium"
    (cd "$BFTGYM_REPO/end2end" && with_time_limit 600 npx playwright install chromium) || true
  fi
  [ -n "$(find_chromium)" ] || die "no Chromium was found and none could be installed" "install Chromium, or set BFTGYM_CHROMIUM to a browser's path"
}
