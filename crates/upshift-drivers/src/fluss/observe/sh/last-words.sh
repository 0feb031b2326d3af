# The end of a server's own log: of a file, or of the one log of a kind of server that lies in a folder.
# $1: file or folder   $2: how many bytes   $3: coordinator-server or tablet-server
at=$1
if [ -d "$at" ]; then
  n=0
  for f in "$1"/*-"$3"-*.log; do [ -e "$f" ] && { n=$((n + 1)); at=$f; }; done
  [ "$n" -eq 1 ] || { echo "$n logs of a $3 lie in $1" >&2; exit 72; }
fi
[ -e "$at" ] || { echo "$at is not there" >&2; exit 72; }
[ -r "$at" ] || { echo "$at may not be read" >&2; exit 72; }
printf '%s\n' "$at"
tail -c "$2" < "$at"
