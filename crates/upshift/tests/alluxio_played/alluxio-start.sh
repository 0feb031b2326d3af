#!/bin/sh
# Plays bin/alluxio-start.sh: what fails is told and ends with 0.
. "$(dirname "$0")/played.sh"
b=
while getopts 'Ni:' o; do [ "$o" = i ] && b=$OPTARG; done
shift $((OPTIND - 1))
lies "start-$1" && { echo "[ FAILED ] The $1 is not serving"; exit 0; }
logs=$D/journal/FileSystemMaster/v1/logs
if [ "$1" = master ]; then
  rm -f "$D/restored"
  if [ -n "$b" ] && [ -d "$logs" ]; then
    echo "INFO  AlluxioMasterProcess - The journal system is not freshly formatted, skipping restoring backup from $b" >> "$H/logs/master.out"
  elif [ -n "$b" ]; then
    cat "$D/entries" > "$D/restored"
    lies restore && echo 7 > "$D/restored"
    echo "INFO  BackupManager - Restored $(cat "$D/restored") entries from backup" >> "$H/logs/master.out"
  fi
  mkdir -p "$logs" && : > "$logs/0x0-0x7fffffffffffffff"
fi
case $1 in master) c=alluxio.master.AlluxioMaster ;; *) c=alluxio.worker.AlluxioWorker ;; esac
setsid sh -c 'while kill -0 "$0" 2>/dev/null; do sleep 1; done' "$TEST" "$c" "-Dalluxio.home=$H" </dev/null >/dev/null 2>&1 &
echo "$! $V" > "$D/$1.runs.new" && mv "$D/$1.runs.new" "$D/$1.runs"
[ "$1" = worker ] && lies blocks && rm -f "$D/tier/alluxioworker/$(ls "$D/tier/alluxioworker" | head -n 1)"
echo "[ OK ] The $1 is healthy."
