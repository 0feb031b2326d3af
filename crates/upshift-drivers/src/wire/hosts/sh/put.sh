# $1: where to; $2: digest; $3: mode. The bytes come on standard input; what was there stays until all is right.
umask 077
command -v sha256sum >/dev/null 2>&1 || { echo 'sha256sum is not there' >&2; exit 72; }
[ -d "$1" ] && { echo 'is a folder' >&2; exit 72; }
t=$1.upshift-$$
trap 'rm -f "$t"' EXIT
trap 'exit 72' HUP INT TERM PIPE
cat > "$t" || exit 72
have=$(sha256sum < "$t") || exit 72
case $have in
  "$2 "*) ;;
  *) echo "arrived with digest ${have%% *} instead of $2" >&2; exit 72 ;;
esac
chmod "$3" "$t" || exit 72
sync "$t" 2>/dev/null || sync
mv -f "$t" "$1" || exit 72
echo written
