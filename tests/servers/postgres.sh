#!/usr/bin/env bash
# Runs a separate PostgreSQL: postgres.sh installed|start|stop, with PG_DIR, an empty folder, and PG_PORT.
set -euo pipefail

# Debian keeps the programs of each version in a folder that is not on the PATH.
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb || echo /none/initdb)")

as_user=()
if [ "$(id -u)" = 0 ]; then as_user=(setpriv --reuid=postgres --regid=postgres --clear-groups); fi

case "$1" in
installed)
  [ -x "$bin/initdb" ] && [ -x "$bin/pg_ctl" ]
  [ "$(id -u)" != 0 ] || { id postgres && command -v setpriv; } >/dev/null
  ;;
start)
  cd "$PG_DIR"
  exec >"$PG_DIR/start.log" 2>&1
  [ "$(id -u)" != 0 ] || chown postgres: "$PG_DIR"
  "${as_user[@]}" "$bin/initdb" -D "$PG_DIR/data" -U tester --auth=trust --no-sync --encoding=UTF8 --locale=C
  "${as_user[@]}" "$bin/pg_ctl" -D "$PG_DIR/data" -l "$PG_DIR/server.log" -w -t 240 \
    -o "-p $PG_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off" start
  ;;
stop)
  cd /
  "${as_user[@]}" "$bin/pg_ctl" -D "$PG_DIR/data" -m immediate -w stop || true
  rm -rf "$PG_DIR"
  ;;
esac
