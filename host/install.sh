#!/bin/bash
# Installs the MLflow host from the folder that this script lies in, on Amazon Linux 2023; run again, it brings the host up
# to date. HOST_ROOT installs below another folder, and there only the server: no packages, users or services.
# HOST_PYTHON names another Python than 3.12, from 3.10 on.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${HOST_ROOT:-}
program=$root/opt/mlflow
python=${HOST_PYTHON:-python3.12}

say() { echo "mlflow host: $*"; }

install_packages() {
  command -v dnf >/dev/null || {
    say "needs Amazon Linux 2023 (no dnf here)" >&2
    exit 1
  }
  # Other first-boot jobs may hold the package manager's lock.
  for attempt in {1..10}; do
    dnf install --assumeyes --quiet python3.12 python3.12-pip && install_database_client && return
    say "packages are not installed yet (attempt $attempt of 10)"
    sleep 15
  done
  return 1
}

# pg_dump and psql for backups, of the newest version that there is: they must not be older than the database.
install_database_client() {
  [ -n "$HOST_DATABASE_PARAMETER" ] || return 0
  for version in 18 17 16; do
    dnf install --assumeyes --quiet "postgresql$version" && return
  done
  return 1
}

# The Python environment: exactly the wheels of the lock files, by their hashes; no compiler, no resolver.
install_server() {
  local installed=$program/venv/installed-lock
  if cmp --quiet "$here/requirements.lock" "$installed"; then
    say "environment is up to date"
    return
  fi
  rm -rf "$program/venv" "$program/uv"
  # The system's pip installs into an environment without one of its own, which is faster; an old or missing one can't.
  "$python" -m venv --without-pip "$program/uv"
  local pip=("$python" -m pip --python "$program/uv/bin/python")
  if ! "${pip[@]}" --version &>/dev/null; then
    "$python" -m venv --clear "$program/uv"
    pip=("$program/uv/bin/pip")
  fi
  "${pip[@]}" install --quiet --disable-pip-version-check --no-cache-dir --require-hashes --only-binary :all: \
    --requirement "$here/uv.lock"
  # The cache is of no use on a host, and /tmp is memory there.
  export UV_CACHE_DIR=$program/cache
  "$program/uv/bin/uv" venv --quiet --no-config --python "$(command -v "$python")" "$program/venv"
  "$program/uv/bin/uv" pip install --quiet --no-config --python "$program/venv/bin/python" --require-hashes \
    --only-binary :all: --no-deps --requirement "$here/requirements.lock"
  # Python compiles what it imports, and on the host only now: the server can't write here. That is a fraction of all that is installed.
  (cd "$program" && env -u PYTHONDONTWRITEBYTECODE HOME="$UV_CACHE_DIR" MLFLOW_DISABLE_TELEMETRY=true \
    "$program/venv/bin/python" -W ignore -c "import mlflow.server.fastapi_app, mlflow.cli, mlflow.store.db.utils, boto3.s3.transfer, psycopg2, uvloop, uvicorn.workers")
  rm -rf "$UV_CACHE_DIR"
  cp "$here/requirements.lock" "$installed"
}

install_services() {
  id mlflow &>/dev/null || useradd --system --user-group --no-create-home --home-dir /var/lib/mlflow/server --shell /sbin/nologin mlflow
  cp "$here"/systemd/* /etc/systemd/system/
  mkdir -p /etc/systemd/system/mlflow-updates.timer.d
  printf '[Timer]\nOnCalendar=\nOnCalendar=%s UTC\n' "${HOST_SECURITY_UPDATES:-Sun 03:00}" \
    >/etc/systemd/system/mlflow-updates.timer.d/window.conf
  systemctl daemon-reload
  systemctl enable --quiet mlflow-data.service mlflow.service mlflow-forwarder.socket
  systemctl restart mlflow-forwarder.socket
  # Without waiting: the server is started when its database answers, and that may take its time.
  systemctl restart --no-block mlflow.service
  switch_timer mlflow-backup "$HOST_DAILY_BACKUP"
  switch_timer mlflow-gc "$HOST_GARBAGE_COLLECTION_DAYS"
  switch_timer mlflow-updates "$HOST_SECURITY_UPDATES"
  switch_timer mlflow-report "$HOST_METRICS_NAMESPACE$HOST_LOG_GROUP"
}

# A timer runs when its setting is not empty.
switch_timer() {
  local verb=disable
  [ -z "$2" ] || verb=enable
  systemctl "$verb" --quiet --now "$1.timer"
}

mkdir -p "$program"
if [ -n "$root" ]; then
  install_server
else
  # shellcheck source=/dev/null
  . /etc/mlflow/stack.env
  install_packages
  install_server
  install_services
  if [ -n "$HOST_TUNNEL_PUBLIC_KEY" ]; then
    systemctl start mlflow-data.service # its host key is there
    "$here/bin/ssh-tunnel"
  fi
  say "installed"
fi
