#!/usr/bin/env bash
# Runs a command in a new folder until standard input ends, which happens when the parent process ends in any way. Then, or
# when the command ends itself, its child processes are stopped and the folder is removed.
#
# usage: attended.sh COMMAND ARGUMENT…
set -um
trap '' INT TERM HUP
folder=$(mktemp -d "${TMPDIR:-/tmp}/storages-attended-XXXXXXXX") && cd "$folder" || exit 1
exec 3<&0
TMPDIR=$folder "$@" 3<&- </dev/null >/dev/null &
command=$!
exec 2>/dev/null # nobody may be left to read what the shell has to say
cat <&3 >/dev/null &
watch=$!
wait -n
kill -9 -- "-$command" "-$watch"
wait
cd /
# Child processes of the command may need a moment to end.
until rm -rf "$folder" && [ ! -e "$folder" ]; do sleep 0.05; done
