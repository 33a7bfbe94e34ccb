#!/bin/sh
# Run the locked uv with settings that come from this repository alone. `make setup` installs it.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd -- "$root"

# The interpreter is the one that `make setup` was given: none is downloaded or picked by version.
export UV_PYTHON_DOWNLOADS=never UV_NO_MANAGED_PYTHON=1
export UV_PROJECT_ENVIRONMENT="$root/.venv"
unset VIRTUAL_ENV UV_CONFIG_FILE UV_NO_CONFIG

# A uv.toml of the user or the system can name another index, which would make uv.lock differ.
# The environment (UV_DEFAULT_INDEX, HTTPS_PROXY, SSL_CERT_FILE, …) is still heard.
export XDG_CONFIG_HOME="$root/.tools/no-config" XDG_CONFIG_DIRS="$root/.tools/no-config"
export UV_NO_SYSTEM_CONFIG=1

exec "$root/.tools/uv/bin/uv" "$@"
