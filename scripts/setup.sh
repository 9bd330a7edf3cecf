# Sourced by demo and check: a virtual environment in .venv and what the system lacks.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$*"; }

# apt_install PACKAGE...: as root, or through sudo where there is one.
apt_install() {
    local sudo=""
    [ "$(id -u)" -eq 0 ] || sudo="sudo"
    if ! command -v apt-get >/dev/null || { [ -n "$sudo" ] && ! command -v sudo >/dev/null; }; then
        echo "Please install: $*" >&2
        exit 1
    fi
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null 2>&1 ||
        { $sudo apt-get update -q >/dev/null &&
            $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null; }
}

# find_python: the newest of the interpreters we support, in $python.
find_python() {
    for python in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if command -v "$python" >/dev/null &&
            "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            return
        fi
    done
    echo "Python 3.11 or newer is needed; set PYTHON to it." >&2
    exit 1
}

# make_venv: .venv with a current pip, its bin first on PATH.
make_venv() {
    if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        find_python
        say "Making .venv with $("$python" --version)"
        rm -rf .venv
        if ! "$python" -m venv .venv >/dev/null 2>&1; then
            # Debian ships venv apart from Python.
            apt_install "$(basename "$(readlink -f "$(command -v "$python")")")-venv"
            rm -rf .venv
            "$python" -m venv .venv
        fi
        .venv/bin/python -m pip install -q --disable-pip-version-check --upgrade pip
    fi
    PATH="$PWD/.venv/bin:$PATH"
    export PATH PIP_DISABLE_PIP_VERSION_CHECK=1
}
