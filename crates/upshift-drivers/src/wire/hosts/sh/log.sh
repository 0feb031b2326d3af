# $3: first byte, counted from 1; $4: most bytes.
state
if [ ! -f "$d/log" ]; then echo 0; exit 0; fi
wc -c < "$d/log"
tail -c "+$3" "$d/log" | head -c "$4"
