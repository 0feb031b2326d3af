# $1: home; $2: the wanted release's home; $3: folder of backups; $4: journal; $5: root store; then tiers; behind --
# folders of other mounts. Empty: not asked.
# Every name in hexadecimal.
hex() { od -An -v -tx1 | tr -d ' \n'; }
[ -r /proc/1/stat ] || { echo 'processes of others are hidden below /proc' >&2; exit 72; }
command -v od >/dev/null 2>&1 || { echo 'od is not there' >&2; exit 72; }
printf 'boot '; hex < /proc/sys/kernel/random/boot_id; echo
p='alluxio[.](master|worker|proxy)[.]Alluxio(Master|Worker|JobMaster|JobWorker|Proxy)|alluxio-[0-9.]*-client[.]jar|alluxio-(shaded-client|core-client-fs|core-client-hdfs)-[0-9]'
c='s/.* -> .*\/\(alluxio-[^/]*client[^/]*[.]jar\)\( (deleted)\)\{0,1\}$/jar \1/p'
seen=
for f in $(grep -lE "$p" /proc/[0-9]*/cmdline 2>/dev/null); do
  d=${f%/cmdline}
  seen="$seen $d "
  echo "process ${d#/proc/}"
  printf 'stat '; hex < "$d/stat" 2>/dev/null; echo
  ls -l "$d/fd" 2>/dev/null \
    | sed -n 's/.* -> .*\/alluxio-\(server\|assembly-server\|core-common\)-\([0-9][0-9.]*[0-9]\)\(-[a-z-]*\)\{0,1\}[.]jar\( (deleted)\)\{0,1\}$/release \2/p' \
    | sort -u
  ls -l "$d/fd" 2>/dev/null | sed -n "$c" | sort -u
  printf 'args '; hex < "$d/cmdline" 2>/dev/null; echo
done
# Applications that name no such jar, and have one open all the same.
for f in $(grep -lx java /proc/[0-9]*/comm 2>/dev/null); do
  d=${f%/comm}
  case $seen in *" $d "*) continue ;; esac
  j=$(ls -l "$d/fd" 2>/dev/null | sed -n "$c" | sort -u)
  [ -n "$j" ] || continue
  echo "process ${d#/proc/}"
  printf 'stat '; hex < "$d/stat" 2>/dev/null; echo
  printf '%s\n' "$j"
  printf 'args '; hex < "$d/cmdline" 2>/dev/null; echo
done
release() {
  if [ -x "$2/bin/alluxio" ]; then printf '%s ' "$1"; "$2/bin/alluxio" version 2>/dev/null | tail -n 1 | hex; echo
  else printf '%s-absent\n' "$1"; fi
}
release home "$1"
release target "$2"
j=
[ -r "$2/conf/alluxio-env.sh" ] && j=$(sed -n "s/^\(export \)\{0,1\}JAVA_HOME=//p" "$2/conf/alluxio-env.sh" | tail -n 1 | tr -d "'\"")
j=${j:-$JAVA_HOME}
if [ -n "$j" ]; then j=$j/bin/java; else j=java; fi
printf 'java '; { "$j" -version 2>&1 || echo "$j -version ended with $?"; } | hex; echo
b=$3
while [ -n "$b" ] && [ "$b" != / ] && [ ! -d "$b" ]; do b=${b%/*}; done
[ -n "$3" ] && echo "room $(df -Pk "${b:-/}" 2>/dev/null | tail -n 1 | awk '{print $4}')"
if [ -n "$4" ]; then
  if [ ! -e "$4" ]; then echo journal-absent
  elif cd "$4" 2>/dev/null; then
    printf 'journal '; find . -mindepth 1 -maxdepth 4 2>/dev/null | head -c 1000000 | hex; echo
    echo "journal-kib $(du -sk . 2>/dev/null | awk '{print $1}')"
    cd /
  else echo journal-closed; fi
fi
if [ -n "$4" ] && [ -d "$4" ]; then
  p=${4%/*}
  p=${p:-/}
  m=unknown
  if a=$(stat -c %d "$4" 2>/dev/null) && b=$(stat -c %d "$p" 2>/dev/null); then m=no; [ "$a" = "$b" ] || m=yes; fi
  mountpoint -q "$4" 2>/dev/null && m=yes
  w=no
  [ -w "$p" ] && [ -x "$p" ] && w=yes
  echo "journal-place $m $w $(df -Pk "$p" 2>/dev/null | tail -n 1 | awk '{print $4}')"
fi
conf() {
  if [ ! -e "$2/conf" ]; then echo "$1-none"; return; fi
  [ -r "$2/conf" ] && cd "$2/conf" 2>/dev/null || return
  echo "$1-there"
  for f in *; do
    [ -f "$f" ] || continue
    case $f in *.template|alluxio-site.properties) continue ;; esac
    d=$(sha256sum < "$f" 2>/dev/null | cut -d' ' -f1)
    printf '%s %s ' "$1" "${d:-closed}"; printf %s "$f" | hex; echo
  done
  cd /
}
conf conf "$1"
conf target-conf "$2"
if [ -n "$5" ]; then
  if [ -d "$5" ]; then echo "root $(stat -c %d "$5" 2>/dev/null) $(ls -A "$5" 2>/dev/null | wc -l)"; else echo root-absent; fi
fi
shift 5
while [ $# -gt 0 ]; do
  t=$1
  shift
  [ "$t" = -- ] && break
  if [ -d "$t" ]; then
    n=$(find "$t" -type f 2>/dev/null) || { echo tier-closed; continue; }
    printf 'tier %s %s %s ' "$(printf '%s' "$n" | grep -c '')" "$(du -sk "$t" 2>/dev/null | awk '{print $1}')" "$(stat -f -c %T "$t" 2>/dev/null)"
  elif w=$(LC_ALL=C ls -d "$t" 2>&1) || [ "${w##*No such file}" != "$w" ]; then printf 'tier 0 0 absent '
  else echo tier-closed; continue
  fi
  printf %s "$t" | hex; echo
done
for s in "$@"; do
  if [ -d "$s" ]; then
    n=$(ls -A "$s" 2>/dev/null) || continue
    printf 'store %s ' "$(printf '%s' "$n" | grep -c '')"
  elif w=$(LC_ALL=C ls -d "$s" 2>&1) || [ "${w##*No such file}" != "$w" ]; then printf 'store absent '
  else continue
  fi
  printf %s "$s" | hex; echo
done
exit 0
