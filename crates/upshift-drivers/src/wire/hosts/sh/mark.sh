# Common to all scripts of marks: $1 is the run, $2 the folder of the try. Plain POSIX sh; /proc says which process is
# which, so that a number that another process got later is not taken for ours.
umask 077
: "${HOME:?is not set, so that there is no place for marks}"
d=$HOME/.upshift/detached/$1/$2
read -r boot < /proc/sys/kernel/random/boot_id || exit 70
begun() {
  read -r stat 2>/dev/null < "/proc/$1/stat" || return 1
  set -- ${stat##*)}
  case $1 in Z | X) return 1 ;; esac
  echo "${20}"
}
alive() {
  read -r pid began on 2>/dev/null < "$1" || return 1
  [ "$on" = "$boot" ] && [ "$(begun "$pid")" = "$began" ]
}
state() {
  if [ -f "$d/status" ]; then
    read -r status < "$d/status" && echo "ended $status"
    return
  fi
  read -r pid began on 2>/dev/null < "$d/who" || { echo never; return; }
  if [ "$on" = barred ]; then echo barred
  elif alive "$d/who" || alive "$d/child"; then echo running
  # It may have ended since the first look.
  elif [ -f "$d/status" ]; then read -r status < "$d/status" && echo "ended $status"
  elif [ "$on" != "$boot" ]; then echo rebooted
  else echo killed
  fi
}
