#!/usr/bin/env bash
# Every check that needs no running program: formatting, clippy with warnings denied, dependencies, scripts.
set -uo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=env.sh
source "$here/env.sh"
for part in checks lint_checks; do
  # shellcheck source=/dev/null
  source "$here/lib/$part.sh"
done
cd "$BFTGYM_REPO" || exit 1

lint_checks
finish
