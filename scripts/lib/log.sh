# Progress and errors, so that a first run of many minutes never looks stuck.

say() { printf '\033[1m[setup]\033[0m %s\n' "$*"; }

# Ends the set-up with what is wrong and what to do about it.
die() {
  printf '\n[setup] error: %s\n' "$1" >&2
  [ $# -gt 1 ] && printf '[setup] what to do: %s\n' "$2" >&2
  exit 1
}

need() { command -v "$1" >/dev/null 2>&1 || die "$1 is not installed" "$2"; }

# Node.js of at least MAJOR.MINOR; sass and Playwright refuse older ones with less to say.
need_node() {
  need node "install Node.js $1 or newer"
  node -e 'const [a, b] = process.argv[1].split(".").map(Number), [c, d] = process.versions.node.split(".").map(Number); process.exit(c > a || (c === a && d >= b) ? 0 : 1)' "$1" \
    || die "Node.js $(node --version) is too old" "install Node.js $1 or newer"
}

# with_time_limit SECONDS COMMAND...: a host that cannot be reached must not hang the set-up.
with_time_limit() {
  local seconds="$1"
  shift
  if command -v timeout >/dev/null 2>&1; then timeout "$seconds" "$@"; else "$@"; fi
}
