# $1: what is asked or done; then files and folders of this machine. What cannot be seen is not what is not there.
umask 077
# What programs complain of is read, a full disk above all.
export LC_ALL=C
no() { echo "$*" >&2; exit 72; }
there() {
  [ -e "$1" ] && return 0
  w=$(LC_ALL=C ls -d "$1" 2>&1 >/dev/null)
  case $w in *'No such file'*) return 1 ;; esac
  no "${w:-$1 is a link that leads nowhere}"
}
holds() {
  there "$1" || { echo absent; return; }
  [ -d "$1" ] || no "$1 is no folder"
  ls -A "$1" > /dev/null || exit 72
  if [ -n "$(ls -A "$1" | head -n 1)" ]; then echo holds; else echo empty; fi
}
moved() {
  if there "$2"; then rmdir "$2" || exit 72; fi
  mv -T "$1" "$2" || exit 72
  sync "$(dirname "$2")" 2>/dev/null || sync
}
# To be read as what it was when it was opened, whatever its name means by the time.
open() {
  [ -f "$1" ] || no "$1 cannot be read: it is no file, or not there any more"
  [ -r "$1" ] || no "$1 cannot be read"
  exec 3< "$1"
}
# $1: a folder. Its files are those whose digests stand in standard input.
as_saved() {
  l=$(cat) || exit 72
  [ -n "$l" ] || return 0
  w=$(cd "$1" && printf '%s\n' "$l" | sha256sum --quiet -c - 2>&1) || no "not as it was saved: $(printf '%s\n' "$w" | head -n 3)"
}
# "$@": tiers. The first line of standard input, a list of sizes and paths, that is no file in them. What lies there is told
# twice, so what is told once does not; a failure is told once, before everything else. Nothing is written: a look may come
# on a full disk.
first_missing() {
  m=$({
    cat || echo '  the list'
    for f; do
      (there "$f")
      case $? in
        0) find "$f" -type f -printf '%s %p\n%s %p\n' || echo "  $f" ;;
        1) ;;
        *) echo "  $f" ;;
      esac
    done
  } | { sort || echo '  sort'; } | uniq -u | head -n 1)
  case $m in '  '*) no "not all could be read:$m" ;; esac
  printf '%s\n' "$m"
}
what=$1
shift
case $what in
  # Which of these folders hold anything.
  look) for f; do holds "$f"; done ;;
  # The names in a folder.
  names)
    there "$1" || { echo absent; exit 0; }
    [ -d "$1" ] || no "$1 is no folder"
    echo there
    cd "$1" && find . -mindepth 1 -maxdepth 8 -printf '%P\n' || exit 72 ;;
  size) s=$(du -sb "$1") || exit 72; echo "${s%%	*}" ;;
  move) moved "$1" "$2" ;;
  # A copy appears whole or not at all; an earlier try's own half is taken away.
  copy)
    if there "$2.partial"; then rm -rf "$2.partial" || exit 72; fi
    cp -a "$1" "$2.partial" || exit 72
    sync
    moved "$2.partial" "$2" ;;
  # $1: journal; $2: where that of before is kept; $3: where what lies there now is kept.
  back)
    if [ "$(holds "$1")" = holds ]; then moved "$1" "$3"; fi
    moved "$2" "$1" ;;
  # An empty folder in place of one that was moved away, as its owner had it.
  make)
    [ -d "$1" ] && exit 0
    mkdir "$1" || exit 72
    if there "$2"; then chmod --reference="$2" "$1" && chown --reference="$2" "$1" || exit 72; fi ;;
  # A folder for its owner alone, who is that of the folder above it.
  private)
    mkdir -p "$1" && chmod 700 "$1" && chown --reference="$(dirname "$1")" "$1" || exit 72 ;;
  # $1: what is to become $2, whose file of before is kept; owner and rights are those of $3.
  become)
    if there "$2" && ! there "$2.before-upshift"; then cp -p "$2" "$2.before-upshift" || exit 72; fi
    chmod --reference="$3" "$1" && chown --reference="$3" "$1" && mv -f "$1" "$2" || exit 72 ;;
  # The same without a file of before.
  own) chown --reference="$2" "$1" || exit 72 ;;
  # The backups in a folder, and whether each has its marker.
  backups)
    there "$1" || exit 0
    for f in "$1"/*.gz; do
      [ -f "$f" ] || continue
      if [ -e "$f.complete" ]; then m=marked; else m=plain; fi
      printf '%s ' "$m"; printf %s "$f" | od -An -v -tx1 | tr -d ' \n'; echo
    done ;;
  digest)
    there "$1" || { echo absent; exit 0; }
    [ -f "$1" ] || no "$1 is no file"
    s=$(sha256sum < "$1") && b=$(stat -c %s "$1") || exit 72
    echo "$b ${s%% *}" ;;
  # $2: where it begins; $3: most bytes. One that is gone or closed is not one that ends there.
  part)
    open "$1"
    tail -c "+$(($2 + 1))" <&3 | head -c "$3" ;;
  # A log's size, and what stands behind $2, at most $3 bytes. One that is shorter than before was begun anew.
  log)
    there "$1" || { echo absent; exit 0; }
    open "$1"
    b=$(stat -L -c %s /dev/fd/3) || exit 72
    f=$2
    [ "$b" -lt "$f" ] && f=0
    echo "$b"
    tail -c "+$((f + 1))" <&3 | head -c "$3" ;;
  # $1: a folder that is mounted as the root.
  root)
    there "$1" || { echo absent; exit 0; }
    d=$(stat -c %d "$1") || exit 72
    echo "$d $(holds "$1")" ;;
  # $1: a file; $2: a process that must be able to read it.
  readable)
    u=$(stat -c %u "/proc/$2" 2>/dev/null) || { echo gone; exit 0; }
    g=$(stat -c %g "/proc/$2" 2>/dev/null)
    me=$(id -u)
    if [ "$u" = 0 ]; then echo yes
    elif [ "$u" = "$me" ]; then if [ -r "$1" ]; then echo yes; else echo no; fi
    elif o=$(stat -c '%u %a' "$1") && [ "$u" != "${o% *}" ] && [ "${o%00}" != "$o" ]; then echo no
    elif [ "$me" = 0 ] && command -v setpriv > /dev/null 2>&1; then
      if setpriv --reuid="$u" --regid="$g" --clear-groups test -r "$1"; then echo yes; else echo no; fi
    else echo unknown; fi ;;
  # Files in tiers: size and path a line.
  blocks)
    for f; do
      there "$f" || continue
      [ -d "$f" ] || no "$f is no folder"
      find "$f" -type f -printf '%s %p\n' || exit 72
    done ;;
  # Files and bytes in each tier, one a line.
  tally)
    for f; do
      there "$f" || { echo 0 0; continue; }
      [ -d "$f" ] || no "$f is no folder"
      l=$(find "$f" -type f -printf '%s\n') || exit 72
      printf '%s\n' "$l" | awk 'NF { n += 1; b += $1 } END { printf "%d %.0f\n", n, b }'
    done ;;
  # $1: where tiers are to be copied to; then tiers. Says what stands against it.
  room)
    to=$1
    shift
    for f; do case $to/ in "$f"/*) echo "inside $f"; exit 0 ;; esac; done
    if [ "$(holds "$to")" = holds ]; then echo holds; exit 0; fi
    b=$to
    while [ -n "$b" ] && [ ! -d "$b" ]; do b=${b%/*}; done
    free=$(df -Pk "${b:-/}" | tail -n 1 | awk '{print $4}')
    need=0
    for f; do there "$f" && need=$((need + $(du -sk "$f" | awk '{print $1}'))); done
    echo "free $free need $need" ;;
  # $1: where to; then tiers: each whole below its own path there. The copy appears whole or not at all.
  save)
    to=$1
    shift
    if there "$to.partial"; then rm -rf "$to.partial" || exit 72; fi
    mkdir -p "$to.partial" || exit 72
    for f; do
      there "$f" || continue
      mkdir -p "$to.partial$f" && cp -a "$f/." "$to.partial$f" || exit 72
    done
    # What lies in the tiers, read once more, and the copy held against it.
    for f; do
      there "$f" || continue
      (cd / && find ".$f" -type f -exec sha256sum {} +) || exit 72
    done > "$to.sha256" || exit 72
    as_saved "$to.partial" < "$to.sha256"
    sync
    moved "$to.partial" "$to" ;;
  # $1: the copy; then tiers. How many files of it there are, their bytes, and the first that does not lie in its tier.
  saved)
    c=$1
    shift
    there "$c" || { echo absent; exit 0; }
    l=$(cd "$c" && find . -type f -printf '%s /%P\n') || exit 72
    n=$(for f; do if there "$f"; then find "$f" -type f -printf '.\n' || exit 72; fi; done) || exit 72
    n=$(printf '%s\n' "$n" | grep -c .)
    g=$(printf '%s\n' "$l" | grep . | first_missing "$@") || exit 72
    printf '%s\n' "$l" | awk -v tiers="${n:-0}" 'NF { n += 1; b += $1 } END { printf "%d %.0f %s\n", n, b, tiers }'
    printf '%s\n' "$g" ;;
  # $1: the copy; then tiers. What is there stays; what is not is held against its digest before and after.
  return)
    c=$1
    shift
    there "$c.sha256" || no "$c.sha256 is not there: nothing says what the copy was"
    g=$(while IFS= read -r l; do [ -e "${l#*  .}" ] || printf '%s\n' "$l"; done < "$c.sha256") || exit 72
    printf '%s' "$g" | as_saved "$c" || exit 72
    # A file appears whole or not at all: a half of an earlier try is written over.
    for f; do
      there "$c$f" || continue
      mkdir -p "$f" || exit 72
      d=$(cd "$c$f" && find . -mindepth 1 -type d) && l=$(cd "$c$f" && find . -type f) || exit 72
      printf '%s\n' "$d" | grep . | while IFS= read -r p; do
        [ -d "$f/$p" ] && continue
        mkdir "$f/$p" && chmod --reference="$c$f/$p" "$f/$p" && chown --reference="$c$f/$p" "$f/$p" || exit 72
      done || exit 72
      printf '%s\n' "$l" | grep . | while IFS= read -r p; do
        [ -e "$f/$p" ] || cp -a "$c$f/$p" "$f/$p.upshift" || exit 72
      done || exit 72
      sync
      printf '%s\n' "$l" | grep . | while IFS= read -r p; do
        [ -e "$f/$p" ] || mv "$f/$p.upshift" "$f/$p" || exit 72
      done || exit 72
    done
    sync
    printf '%s' "$g" | as_saved / || exit 72 ;;
  # $1: a pid. The ports at which it listens, in hexadecimal; none where its open files may not be seen.
  ports)
    i=$(ls -l "/proc/$1/fd" 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\]$/\1/p' | tr '\n' ' ')
    cat "/proc/$1/net/tcp" "/proc/$1/net/tcp6" 2>/dev/null | awk -v own="$i" '
      BEGIN { n = split(own, all, " "); for (k = 1; k <= n; k++) is[all[k]] = 1 }
      $4 == "0A" && ($10 in is) { n = split($2, at, ":"); print at[n] }' | sort -u ;;
  # The ports at which somebody listens.
  listening)
    [ -r /proc/net/tcp ] || no '/proc/net/tcp cannot be read'
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" { n = split($2, at, ":"); print at[n] }' | sort -u ;;
  # $1: a part of a command line. Java's processes with it, and the jars that each has open.
  loaded)
    [ -r /proc/1/stat ] || no 'processes of others are hidden below /proc'
    for f in $(grep -lF -- "$1" /proc/[0-9]*/cmdline 2>/dev/null); do
      d=${f%/cmdline}
      [ "$(cat "$d/comm" 2>/dev/null)" = java ] || continue
      j=$(ls -l "$d/fd" 2>/dev/null) || { [ -e "$d" ] && no "open files of process ${d#/proc/} cannot be seen"; continue; }
      echo "process ${d#/proc/}"
      printf '%s\n' "$j" | sed -n 's/.* -> .*\/\([^/]*[.]jar\)$/jar \1/p' | sort -u
    done ;;
  # $1: a list of sizes and paths; then tiers. How many lie there, and the first that does not.
  held)
    l=$1
    shift
    there "$l" || no "$l is not there"
    n=$(grep -c . "$l")
    g=$(first_missing "$@" < "$l") || exit 72
    echo "${n:-0}"
    printf '%s\n' "$g" ;;
  *) no "$what is not known" ;;
esac
