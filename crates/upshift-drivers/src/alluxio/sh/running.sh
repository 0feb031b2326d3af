# "$@": homes. Alluxio's servers, and what starts one or formats. Every name in hexadecimal.
hex() { od -An -v -tx1 | tr -d ' \n'; }
[ -r /proc/1/stat ] || { echo 'processes of others are hidden below /proc' >&2; exit 72; }
command -v od >/dev/null 2>&1 || { echo 'od is not there' >&2; exit 72; }
real() { r=$(readlink -f "$1" 2>/dev/null); printf %s "${r:-$1}" | hex; echo; }
for h; do printf 'home '; real "$h"; done
p='alluxio[.](master|worker|proxy)[.]Alluxio(Master|Worker|JobMaster|JobWorker|Proxy)|alluxio-start[.]sh|alluxio[.]cli[.]Format'
for f in $(grep -lE "$p" /proc/[0-9]*/cmdline 2>/dev/null); do
  d=${f%/cmdline}
  h=$(tr '\0' '\n' < "$f" 2>/dev/null | sed -n 's/^-Dalluxio[.]home=//p' | tail -n 1)
  echo "process ${d#/proc/}"
  printf 'stat '; hex < "$d/stat" 2>/dev/null; echo
  [ -n "$h" ] && { printf 'of '; real "$h"; }
  printf 'args '; hex < "$f" 2>/dev/null; echo
done
exit 0
