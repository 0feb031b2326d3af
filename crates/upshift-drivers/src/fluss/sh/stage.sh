# $1: room, file or archive. $2: where it is to lie. $3: what came, beside it. $4: its digest.
# Nothing that lies there already is replaced: it stays, and the next look tells.
umask 022
case $1 in
  room) mkdir -p "$(dirname "$2")" || exit 72 ;;
  file)
    mv -n -T "$3" "$2" || exit 72
    rm -f "$3" ;;
  archive)
    t=$2.upshift-$$
    trap 'rm -rf "$t" "$3"' EXIT
    trap 'exit 72' HUP INT TERM PIPE
    mkdir "$t" || exit 72
    tar -x -o -z -f "$3" -C "$t" || exit 72
    # A release's archive holds one folder, which is the release.
    top=$t
    [ "$(ls -A "$t" | wc -l)" -eq 1 ] && [ -d "$t/$(ls -A "$t")" ] && top=$t/$(ls -A "$t")
    printf %s "$4" > "$top/.upshift-unpacked" || exit 72
    sync
    mv -n -T "$top" "$2" || exit 72 ;;
  *) exit 64 ;;
esac
sync "$(dirname "$2")" 2>/dev/null || sync
