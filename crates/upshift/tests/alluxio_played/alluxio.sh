#!/bin/sh
# Plays bin/alluxio of a release: the same verbs, the same effects on files.
. "$(dirname "$0")/played.sh"
[ "$1" = version ] && { echo "$V"; exit 0; }
case "$1 $2" in
  'fs ls') cat "$D/listing" ;;
  'fsadmin backup')
    lies backup && { echo 'Backup Host        : localhost'; exit 0; }
    full backup && { echo 'java.io.IOException: No space left on device'; exit 0; }
    n=$(cat "$D/number" 2>/dev/null || echo 1)
    echo $((n + 1)) > "$D/number"
    f=$3/alluxio-backup-2026-11-28-179580480000$n.gz
    cp "$D/tree.gz" "$f" || exit 0
    : > "$f.complete"
    echo "Backup Host        : localhost"
    echo "Backup URI         : file://$f"
    echo "Backup Entry Count : $(cat "$D/entries")" ;;
  'formatJournal ')
    lies format && exit 0
    mkdir -p "$D/journal/BlockMaster/v1" "$D/journal/FileSystemMaster/v1"
    : > "$D/journal/BlockMaster/v1/_format_1" ;;
  *) echo "Usage: alluxio COMMAND" >&2; exit 1 ;;
esac
