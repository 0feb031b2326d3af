# $1: a pid; $2: when it started, in the kernel's ticks since boot. Another process of that pid is left alone.
s=$(cat "/proc/$1/stat" 2>/dev/null) || exit 0
set -- "$1" "$2" ${s##*) }
[ "${22}" = "$2" ] || exit 0
kill -TERM "$1" && exit 0
[ -e "/proc/$1" ] || exit 0
exit 71
