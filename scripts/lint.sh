#!/bin/bash
# Runs every check, also after one has failed, and names the failed ones at the end.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
red=()

check() {
    local name=$1 began=$SECONDS
    shift
    if "$@"; then
        printf '==> %s: fine (%d s)\n' "$name" $((SECONDS - began))
    else
        printf '==> %s: NOT FINE\n' "$name"
        red+=("$name")
    fi
}

templates() { git ls-files -z --cached --others --exclude-standard -- 'templates/*.html' '*/templates/*.html'; }
djade() { templates | xargs -0 -r $bin/djade --check --target-version 5.2; }
djlint() { templates | xargs -0 -r $bin/djlint --lint --quiet; }

# As production is set up, on a database of its own: no setting of the caller's .env or shell takes part. W006, E009, W030: the
# certificate that signs papers, the key of the trail and the virus scanner are the deployer's.
production() {
    local data
    data=$(mktemp -d)
    env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 DEBUG=false HTTPS=true \
        DATA_KEYS="lint:$(head -c 32 /dev/urandom | base64)" INDEX_KEY="$(head -c 32 /dev/urandom | base64)" \
        SECRET_KEY="$(head -c 60 /dev/urandom | base64 -w0)" ALLOWED_HOSTS=fire.example BROKER_URL=redis://localhost:6379/0 \
        DATABASE_URL="sqlite:///$data/db.sqlite3" DATA_DIR="$data" LOG_LEVEL=WARNING \
        SILENCED_SYSTEM_CHECKS=fire_supervision.W006,fire_supervision.E009,fire_supervision.W030 $bin/python -W error manage.py "$@"
    local code=$?
    rm -rf "$data"
    return $code
}

check "ruff check" $bin/ruff check --quiet .
check "ruff format" $bin/ruff format --check --quiet .
# The Django plugin loads the settings.
check "mypy" env DEBUG=true $bin/mypy
check "import-linter" $bin/lint-imports
check "djade" djade
check "djlint" djlint
check "migrations" production makemigrations --check --dry-run
check "deploy checks" production check --deploy --fail-level WARNING

if [ ${#red[@]} -gt 0 ]; then
    printf '\nnot fine:' >&2
    printf ' %s;' "${red[@]}" >&2
    printf '\n' >&2
    exit 1
fi
