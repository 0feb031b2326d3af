# Threes of a kind (file, archive), a path and a digest: whether each lies there as it is wanted. Changes nothing.
while [ $# -ge 3 ]; do
  case $1 in
    archive) of=$2/.upshift-unpacked ;;
    *) of=$2 ;;
  esac
  if [ ! -e "$2" ] && [ ! -L "$2" ]; then echo absent
  elif [ "$1" = archive ]; then
    if [ -r "$of" ] && [ "$(cat "$of")" = "$3" ]; then echo same; else echo other; fi
  elif [ ! -f "$of" ]; then echo other
  else
    have=$(sha256sum < "$of") || exit 72
    [ "${have%% *}" = "$3" ] && echo same || echo other
  fi
  shift 3
done
exit 0
