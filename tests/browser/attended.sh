#!/usr/bin/env bash
# Runs a command in a new folder until standard input ends, which it does when whoever started this is gone, however that
# came about. Then, or when the command ends by itself, nothing is left of it, of what it has started and of the folder.
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
# Something that the command has started may take a moment to notice that it is alone.
until rm -rf "$folder" && [ ! -e "$folder" ]; do sleep 0.05; done
