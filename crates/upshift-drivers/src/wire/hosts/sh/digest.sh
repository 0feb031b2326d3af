# $1: a file; $2: its wanted digest; $3: its wanted mode.
[ -f "$1" ] || { echo different; exit 0; }
have=$(sha256sum < "$1") || exit 72
case $have in
  "$2 "*) chmod "$3" "$1" && echo same ;;
  *) echo different ;;
esac
