# p NAME COMMAND…: runs it, and says on both streams where its output begins and how it ended.
p() {
  n=$1
  shift
  printf '\n%s %s\n' "$M" "$n"
  printf '\n%s %s\n' "$M" "$n" >&2
  "$@" </dev/null
  printf '\n%s = %s\n' "$M" "$?"
}
LC_ALL=C
export LC_ALL
if command -v timeout >/dev/null 2>&1; then L="timeout 30"; else L=; fi
if [ "$(id -u)" = 0 ]; then S=; else S="sudo -n"; fi
w() { $L weka "$@"; }
# The first of two names under which releases know a command.
either() { $L weka $1 --json || $L weka $2 --json; }
