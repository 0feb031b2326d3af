# $1: JAVA_HOME or nothing; $2: a release's home or nothing.
hex() { od -An -v -tx1 | tr -d ' \n'; }
j=${1:-$JAVA_HOME}
if [ -n "$j" ]; then j=$j/bin/java; else j=java; fi
printf 'java '; { "$j" -version 2>&1 || echo "$j -version ended with $?"; } | hex; echo
[ -n "$2" ] || exit 0
if [ ! -d "$2/lib" ]; then
  why=$(LC_ALL=C ls -d "$2/lib" 2>&1 >/dev/null)
  printf 'no '; printf %s "${why:-$2/lib is no folder}" | hex; echo
  exit 0
fi
cd "$2" || exit 72
for f in lib/*.jar plugins/*/*.jar; do
  [ -f "$f" ] || continue
  s=$(sha256sum < "$f") || exit 72
  printf 'jar %s ' "${s%% *}"; printf %s "$f" | hex; echo
done
for p in plugins/*/; do
  [ -d "$p" ] || continue
  n=0; for f in "$p"*.jar; do [ -e "$f" ] && n=$((n + 1)); done
  p=${p%/}; printf 'plugin %s ' "$n"; printf %s "${p#plugins/}" | hex; echo
done
exit 0
