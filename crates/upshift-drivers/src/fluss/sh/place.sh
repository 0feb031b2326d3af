# $1: folder or file. A folder $2 is made with owner and rights of $3; a file $2 becomes $3, which must not be there, with
# owner and rights of $4.
umask 077
what=$1
shift
like() { chmod --reference="$2" "$1" && chown --reference="$2" "$1" || exit 72; }
case $what in
  folder)
    [ -d "$1" ] && exit 0
    mkdir -p "$1" || exit 72
    like "$1" "$2" ;;
  file)
    like "$1" "$3"
    mv -n -T "$1" "$2" || exit 72
    # Another one came to lie there: it stays, and the next look tells.
    rm -f "$1"
    sync "$(dirname "$2")" 2>/dev/null || sync ;;
  *) exit 64 ;;
esac
