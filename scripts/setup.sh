#!/bin/bash
# setup.sh       installs what the demo needs: system packages, .venv, front-end assets, fonts.
# setup.sh test  installs what the tests need besides: PostgreSQL, Redis, Chromium, lint.
# setup.sh security  installs what make security uses besides: the scanners, each in an environment of its own.
# Each step leaves a stamp with the hash of what it was made from, so a second run changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
wanted=${1:-demo}

say() { printf '==> %s\n' "$*"; }
fail() {
    printf '\n%s\n' "$*" >&2
    exit 1
}
hash_of() { cat "$@" | sha256sum | cut -d' ' -f1; }
# One line that is written over in a terminal; silence in a log.
progress() {
    if [ -t 1 ]; then
        awk "$1"' { fflush() } END { printf "\r%70s\r", "" }'
    else
        cat >/dev/null
    fi
}
has() { command -v "$1" >/dev/null 2>&1; }
installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# ---- system packages ------------------------------------------------------------------------------------------
missing=()
need() { installed "$1" || missing+=("$1"); }

list_missing() {
    has "$PYTHON" || missing+=(python3)
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    has node || missing+=(nodejs)
    has npm || missing+=(npm)
    # WeasyPrint draws with Pango; without libharfbuzz-subset0 a page takes 1.9 s instead of 0.1 s. libseccomp2 walls in
    # the process that opens uploads.
    for package in libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libseccomp2 fontconfig ca-certificates; do need $package; done
    if [ "$wanted" != demo ]; then
        for package in poppler-utils fonts-noto-cjk; do need $package; done
        has chromium || missing+=(chromium chromium-l10n)
        has redis-server || missing+=(redis-server)
        has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif has sudo && sudo -n true 2>/dev/null; then
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    else
        return 126
    fi
}

install_missing() {
    [ ${#missing[@]} = 0 ] && return
    local line="apt-get install -y --no-install-recommends ${missing[*]}"
    has apt-get || fail "These packages of Debian 12 are missing and apt-get is not here to install them: ${missing[*]}"
    say "system packages: ${missing[*]}"
    local code=0
    { as_root apt-get -qq update && as_root $line -qq -o Dpkg::Use-Pty=0 -o APT::Color=0 |
        progress '/^(Setting up|Unpacking)/ { printf "\r      %-60.60s", $0 }'; } || code=$?
    if [ $code = 126 ]; then
        fail "These system packages are missing, and neither root nor sudo without a password is at hand. Run this and try again:

    sudo apt-get update && sudo $line"
    fi
    [ $code = 0 ] || fail "apt-get failed (see above). Try by hand: sudo apt-get update && sudo $line"
}

# ---- Python ---------------------------------------------------------------------------------------------------
install_python() {
    local lock=$1 place=${2:-.venv} wheels=${3:---only-binary=:all:}
    local sum stamp=$place/$1.stamp
    sum=$(hash_of "$lock")
    [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
    if [ ! -x "$place/bin/python" ]; then
        "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or newer is needed; PYTHON= chooses it."
        say "$place"
        "$PYTHON" -m venv "$place"
    fi
    say "Python packages of $lock ($(grep -c '==' "$lock"), about half a minute)"
    "$place/bin/python" -m pip install --disable-pip-version-check --no-input --require-hashes "$wheels" -r "$lock" |
        progress '/^(Collecting|Requirement already)/ { printf "\r      %3d %-56.56s", ++n, $1 == "Collecting" ? $2 : $4 }
                  /^Installing/ { printf "\r      %-60.60s", "unpacking" }'
    echo "$sum" >"$stamp"
}

# ---- front end ------------------------------------------------------------------------------------------------
install_assets() {
    local scope=$1 sum
    sum=$(hash_of package.json package-lock.json)
    if [ "$(cat node_modules/.stamp 2>/dev/null)" != "$sum all" ] && [ "$(cat node_modules/.stamp 2>/dev/null)" != "$sum $scope" ]; then
        local major
        major=$(node -p 'process.versions.node.split(".")[0]')
        [ "$major" -ge 18 ] || fail "Node.js 18 or newer is needed, found $(node --version)."
        say "front-end packages"
        local omit=(--omit=optional)
        [ "$scope" = all ] || omit+=(--omit=dev)
        npm ci "${omit[@]}" --no-progress --loglevel=error
        echo "$sum $scope" >node_modules/.stamp
    fi
    sum=$({ find static/scss static/icons.txt -type f -print0 | LC_ALL=C sort -z | xargs -0 cat; cat package-lock.json; } | sha256sum)
    if [ ! -d static/dist ] || [ "$(cat build/assets.stamp 2>/dev/null)" != "$sum" ]; then
        say "style sheet and scripts"
        npm run --silent build
        mkdir -p build
        echo "$sum" >build/assets.stamp
    fi
}

list_missing
install_missing
install_python requirements.txt
[ "$wanted" != demo ] && install_python requirements-dev.txt
if [ "$wanted" = security ]; then
    install_python requirements-scan.txt var/tools/scan
    # Libraries of wapiti want old packages of which there are no wheels.
    install_python requirements-attack.txt var/tools/attack --prefer-binary
fi
install_assets "$([ "$wanted" = demo ] && echo demo || echo all)"
# A fresh Debian has no package lists; fonts.sh downloads packages without installing them.
if ! apt-cache show texlive-lang-chinese >/dev/null 2>&1; then
    as_root apt-get -qq update || fail "Debian's package lists are empty. Run this and try again:

    sudo apt-get update"
fi
scripts/fonts.sh
