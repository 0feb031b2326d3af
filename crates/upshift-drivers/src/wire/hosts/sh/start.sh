# $3: bytes of the command, which comes on standard input; $4: the runner. Any number of these may race.
mkdir -p "$d" || exit 70
t=$d/command.$$
cat > "$t" || exit 70
if [ "$(wc -c < "$t")" -ne "$3" ]; then rm -f "$t"; echo 'the command did not arrive whole' >&2; exit 70; fi
ln "$t" "$d/command" 2>/dev/null
if ! cmp -s "$t" "$d/command"; then rm -f "$t"; echo other; exit 0; fi
rm -f "$t"
if [ -e "$d/who" ]; then
  read -r pid began on < "$d/who" && [ "$on" = barred ] && { echo barred; exit 0; }
  echo found; exit 0
fi
own=; command -v setsid >/dev/null 2>&1 && own=setsid
# The runner holds the pipe until it has taken the mark, or seen that another has it.
said=$( { [ "$own" ] || trap '' HUP; $own sh -c "$4" upshift-detached "$d" 3>&1 </dev/null >/dev/null 2>&1 & } )
case $said in
  won) echo started ;;
  lost) echo found ;;
  *) echo "the mark could not be taken: ${said:-no word of it}" >&2; exit 70 ;;
esac
