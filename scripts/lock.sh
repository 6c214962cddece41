#!/bin/bash
# Compiles the locks: exact versions and hashes, and no name of a package index or host.
# --upgrade takes newer releases; without it what is locked stays as long as pyproject.toml allows.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-header "$@" >/dev/null
}
compile "$@" --output-file requirements.txt
compile "$@" --extra dev --constraint requirements.txt --output-file requirements-dev.txt
# What only make security uses, each in an environment of its own.
for group in scan attack; do
    .venv/bin/uv pip compile --group $group --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-header "$@" --output-file requirements-$group.txt >/dev/null
done
npm "$([ "${1:-}" = --upgrade ] && echo update || echo install)" --package-lock-only --loglevel=error
node --input-type=module -e '
import { readFileSync, writeFileSync } from "node:fs";
const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
for (const entry of Object.values(lock.packages)) { delete entry.resolved; delete entry.funding; }
writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n");
'

if grep -nE 'https?://|find-links|index-url' requirements*.txt package-lock.json; then
    echo "A lock names an index or a host (see above)." >&2
    exit 1
fi
