# Pairs of a kind and a path. Names and numbers only; every name in hexadecimal.
hex() { od -An -v -tx1 | tr -d ' \n'; }
count() { n=0; for j in "$1"/*.jar; do [ -e "$j" ] && n=$((n + 1)); done; echo "$n"; }
while [ $# -ge 2 ]; do
  printf 'at %s ' "$1"; printf %s "$2" | hex; echo
  case $1 in
    jars)
      for j in "$2"/fluss-server-*.jar; do
        [ -e "$j" ] && { printf 'jar '; printf %s "${j##*/}" | hex; echo; }
      done ;;
    java)
      b=${2%/*}
      for r in "${b%/*}/release" "${b%/*/*}/release"; do
        v=$(sed -n 's/^JAVA_VERSION=//p' "$r" 2>/dev/null | head -n 1)
        [ -n "$v" ] && { echo "java $v"; break; }
      done ;;
    plugins)
      if [ -d "$2" ] && [ -x "$2" ] && [ -r "$2" ]; then
        echo seen
        for p in "$2"/*/; do
          [ -d "$p" ] && { p=${p%/}; printf 'plugin %s ' "$(count "$p")"; printf %s "${p##*/}" | hex; echo; }
        done
      elif [ ! -e "$2" ]; then echo absent
      fi ;;
    data)
      if [ -d "$2" ] && [ -x "$2" ] && [ -r "$2" ]; then
        echo seen
        [ -e "$2/.fluss_cleanshutdown" ] && echo marker
        echo "disk $(df -Pk "$2" 2>/dev/null | tail -n 1 | awk '{print $2, $3}')"
        for t in "$2"/*/*-[0-9]*/; do
          # Servers load folders of logs when they start, of a table or of its partitions; what else is left they pass over.
          for l in "$t"log-*/ "$t"*/log-*/; do
            [ -d "$l" ] && { t=${t%/}; printf 'table '; printf %s "${t#"$2"/}" | hex; echo; break; }
          done
        done
      elif [ ! -e "$2" ]; then echo absent
      fi ;;
    remote)
      if [ -d "$2" ]; then
        echo seen
        [ -w "$2" ] && [ -x "$2" ] && echo writable
        echo "disk $(df -PTk "$2" 2>/dev/null | tail -n 1 | awk '{print $3, $4, $2}')"
        echo "mode $(stat -c '%u %g %a' "$2" 2>/dev/null)"
      elif [ ! -e "$2" ]; then echo absent
      fi ;;
    conf)
      if [ -d "$2" ] && [ -x "$2" ]; then
        echo seen
        [ -e "$2/log4j.properties" ] && echo log4j
      elif [ ! -e "$2" ]; then echo absent
      fi ;;
  esac
  shift 2
done
exit 0
