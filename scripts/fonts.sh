#!/bin/sh
# Puts the faces of the papers into var/fonts (or the folder given as $1) and writes its fonts.conf.
# Needs no root: the packages are unpacked, not installed (texlive-lang-chinese would pull in all of TeX).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
fonts=${1:-$(dirname "$here")/var/fonts}
mkdir -p "$fonts"
fonts=$(cd "$fonts" && pwd)

stamp=$(cat "$here/fonts.sh" "$here/fonts.conf.in" | sha256sum | cut -d' ' -f1)\ $fonts
if [ "$(cat "$fonts/.stamp" 2>/dev/null)" = "$stamp" ]; then
    exit 0
fi

if ! command -v fc-query >/dev/null; then
    echo "fc-query is missing. Run: sudo apt-get install fontconfig" >&2
    exit 1
fi

# take PACKAGE PATTERN...: from the installed package, or from one that is downloaded and only unpacked.
take() {
    package=$1
    shift
    printf '      %s\n' "$package"
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ]; then
        for pattern; do
            dpkg-query -L "$package" | while read -r file; do
                # shellcheck disable=SC2254 - the pattern is meant to match
                case $file in $pattern) install -m 644 "$file" "$fonts/" ;; esac
            done
        done
        return
    fi
    if ! (cd "$temp" && apt-get -qq download "$package" >"$temp/log" 2>&1); then
        cat "$temp/log" >&2
        printf '%s\n' "Cannot download the Debian package $package. Run: sudo apt-get update   and try again." >&2
        exit 1
    fi
    dpkg-deb --fsys-tarfile "$temp/$package"_*.deb | tar -x -C "$temp/root" --wildcards "$@"
    find "$temp/root" -type f -exec install -m 644 {} "$fonts/" \;
    rm -r "$temp/$package"_*.deb "$temp/root"
    mkdir "$temp/root"
}

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
mkdir "$temp/root"
# apt drops its rights to _apt while downloading.
if [ "$(id -u)" = 0 ] && id _apt >/dev/null 2>&1; then
    chown _apt "$temp"
fi

echo "==> fonts of the papers (180 MB, once)"
take texlive-lang-chinese '*/opentype/public/fandol/Fandol[FHKS]*.otf'
take fonts-lxgw-wenkai '*/LXGWWenKai-Light.ttf' '*/LXGWWenKai-Regular.ttf' '*/LXGWWenKai-Bold.ttf'
take fonts-noto-cjk '*/NotoSerifCJK-Regular.ttc' '*/NotoSerifCJK-Bold.ttc'
take fonts-dejavu-core '*/DejaVuSans.ttf' '*/DejaVuSans-Bold.ttf'

xml=$(printf '%s' "$fonts" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/[\\|&]/\\&/g')
sed "s|@DIR@|$xml|g" "$here/fonts.conf.in" >"$fonts/fonts.conf"
# The characters of all of them, a range a line: the gate refuses what would be printed as an empty box.
find "$fonts" -maxdepth 1 -name '*.[ot]t[cf]' -exec fc-query --format='%{charset}\n' {} + | tr -s ' ' '\n' |
    LC_ALL=C sort -u >"$temp/characters.txt"
install -m 644 "$temp/characters.txt" "$fonts/characters.txt"
rm -rf "$fonts/.cache"
printf '%s' "$stamp" >"$fonts/.stamp"
