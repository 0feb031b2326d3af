# The process that takes the mark ($1 is its folder), runs the command and keeps how it ended. Only one ever gets
# beyond `ln`. What it knows is on the disk before the command begins.
d=$1
umask 077
read -r boot < /proc/sys/kernel/random/boot_id
me() { read -r stat < "/proc/$$/stat"; set -- ${stat##*)}; echo "$$ ${20} $boot"; }
w=$d/who.$$
me > "$w" || { echo 'no room' >&3; exit 1; }
ln "$w" "$d/who" 2>/dev/null
won=$?
rm -f "$w"
if [ "$won" -ne 0 ]; then
  if [ -e "$d/who" ]; then echo lost >&3; else echo 'no hard links there' >&3; fi
  exit 0
fi
sync "$d/who" "$d" "$d/.." "$d/../.." "$d/../../.." 2>/dev/null || sync
echo won >&3
exec 3>&-
sh -c 'read -r stat < "/proc/$$/stat"; read -r boot < /proc/sys/kernel/random/boot_id; d=$1
set -- ${stat##*)}; echo "$$ ${20} $boot" > "$d/child"; exec sh "$d/command"' upshift-detached "$d" >"$d/log" 2>&1
status=$?
echo "$status" > "$d/status.new"
sync "$d/status.new" 2>/dev/null || sync
mv "$d/status.new" "$d/status"
