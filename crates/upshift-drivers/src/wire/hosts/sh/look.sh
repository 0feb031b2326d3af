state
if [ -f "$d/log" ]; then wc -c < "$d/log"; else echo 0; fi
