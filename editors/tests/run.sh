#!/usr/bin/env bash
# The language server in real editors: Neovim and Emacs, headless. Prints TAP; fails if any check does, or an editor does not end.
#   editors/tests/run.sh [PROGRAM]      by default target/debug/fixloop
set -euo pipefail
cd "$(dirname "$0")"
program=$(realpath "${1:-../../target/debug/fixloop}")
"$program" lsp --help >/dev/null

missing=()
command -v nvim >/dev/null || missing+=(neovim)
command -v emacs >/dev/null || missing+=(emacs-nox)
[ -d /usr/share/emacs/site-lisp/elpa-src ] && ls -d /usr/share/emacs/site-lisp/elpa-src/eglot-* >/dev/null 2>&1 || missing+=(elpa-eglot)
if [ ${#missing[@]} -gt 0 ]; then
  sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# In a home of its own, so that neither the user's settings nor their index or spool play a part.
editor() {
  local name=$1
  shift
  mkdir -p "$work/$name/home" "$work/$name/project"
  if ! env HOME="$work/$name/home" XDG_CONFIG_HOME="$work/$name/home/.config" XDG_STATE_HOME="$work/$name/home/.state" \
    XDG_DATA_HOME="$work/$name/home/.data" XDG_CACHE_HOME="$work/$name/home/.cache" \
    FIXLOOP="$program" WORK="$work/$name/project" timeout 20 "$@" 2>"$work/$name/stderr"; then
    echo "not ok - $name: failed, or did not end within 20 s; its error output:"
    sed 's/^/# /' "$work/$name/stderr"
    failed=1
  fi
}

editor neovim nvim --headless -u NONE -i NONE -n -S neovim.lua
editor eglot emacs -q --batch -f package-initialize -l eglot.el
exit $failed
