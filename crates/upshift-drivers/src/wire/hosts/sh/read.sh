# $1: a file; $2: most bytes. A file that cannot be seen is not one that is not there.
if [ ! -e "$1" ]; then
  why=$(LC_ALL=C ls -d "$1" 2>&1 >/dev/null)
  case $why in
    *'No such file'*) echo absent; exit 0 ;;
    *) echo "${why:-a link that leads nowhere}" >&2; exit 72 ;;
  esac
fi
[ -f "$1" ] || { echo 'is no plain file' >&2; exit 72; }
size=$(wc -c < "$1") || exit 72
echo "$size"
head -c "$2" < "$1"
