#!/bin/sh
# Make .venv hold exactly what uv.lock says; do nothing where it already does.
#
# uv itself lives in .tools/uv, outside the environment that it keeps in step with the lock, and is
# installed only with a hash from requirements/uv.txt. PYTHON names the interpreter to build on; unset,
# it is the one that .venv has, and python3 where there is none.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd -- "$root"
named=${PYTHON:-}
if [ -z "$named" ]; then
    named=python3
    ! .venv/bin/python --version >/dev/null 2>&1 || named=.venv/bin/python
fi
stamp=.venv/.supplychain-setup
version_hint="install Python 3.11 or newer, or name one: make setup PYTHON=/path/to/python3.13"

die() {
    printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
    exit 1
}

command -v "$named" >/dev/null 2>&1 || die "python '$named' not found" "$version_hint"
version=$("$named" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])') ||
    die "python '$named' does not run" "$version_hint"
"$named" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    die "python '$named' is version $version, older than 3.11" "$version_hint"
"$named" -c 'import ensurepip, venv' 2>/dev/null ||
    die "python '$named' has no venv module" \
        "install it; on Debian and Ubuntu: apt-get install python3-venv"

# The interpreter below any activated environment, so that activating .venv changes nothing here.
python=$("$named" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))')
place="$root on $("$python" -c 'import os, sys; print(os.path.realpath(sys.executable))') $version"
contents=$("$python" - pyproject.toml uv.lock requirements/uv.txt scripts/setup.sh <<'PY'
import hashlib, pathlib, sys
digest = hashlib.sha256()
for name in sys.argv[1:]:
    digest.update(hashlib.sha256(pathlib.Path(name).read_bytes()).digest())
print(digest.hexdigest())
PY
)
wanted=$(printf '%s\n%s' "$place" "$contents")

if [ -f "$stamp" ]; then
    found=$(cat "$stamp")
    if [ "$found" = "$wanted" ] && [ -x .venv/bin/python ] && [ -x .tools/uv/bin/uv ]; then
        exit 0
    fi
    # Scripts of an environment name its place and interpreter: one that moved is built anew.
    [ "$(head -n 1 "$stamp")" = "$place" ] || rm -rf .venv .tools/uv
    rm -f "$stamp"
fi

pinned=$(sed -n 's/^uv==\([^ ;]*\).*/\1/p' requirements/uv.txt)
installed=$(.tools/uv/bin/uv --version 2>/dev/null | cut -d ' ' -f 2) || installed=
if [ "$installed" != "$pinned" ]; then
    echo "setup: installing uv $pinned"
    "$python" -m venv --clear .tools/uv
    PIP_USER=0 .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --no-deps --only-binary :all: --require-hashes -r requirements/uv.txt
fi

echo "setup: installing the packages of uv.lock into .venv"
UV_PYTHON=$python sh scripts/uv.sh sync --locked --quiet
printf '%s\n' "$wanted" >"$stamp"
