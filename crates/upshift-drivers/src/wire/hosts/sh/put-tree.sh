# $1: where to, which must not be there; $2: how many files and links. Standard input is a tar of `tree` and `digests`.
umask 077
[ -e "$1" ] && { echo 'is there already' >&2; exit 72; }
t=$1.upshift-$$
trap 'cd / && rm -rf "$t"' EXIT
trap 'exit 72' HUP INT TERM PIPE
mkdir "$t" || exit 72
tar -x -o -p -f - -C "$t" || exit 72
cd "$t/tree" || exit 72
sha256sum -c ../digests > /dev/null || { echo 'did not arrive as it was sent' >&2; exit 72; }
[ "$(find . ! -type d | wc -l)" -eq "$2" ] || { echo 'did not arrive whole' >&2; exit 72; }
sync
cd / && mv "$t/tree" "$1" || exit 72
echo written
