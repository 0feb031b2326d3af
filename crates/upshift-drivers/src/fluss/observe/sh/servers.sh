# Processes with a server or a client of Fluss on their command lines; every value in hexadecimal.
hex() { od -An -v -tx1 | tr -d ' \n'; }
[ -r /proc/1/stat ] || { echo 'processes of others are hidden below /proc' >&2; exit 72; }
command -v od >/dev/null 2>&1 || { echo 'od is not there' >&2; exit 72; }
printf 'boot '; hex < /proc/sys/kernel/random/boot_id; echo
echo "login $(id -u)"
p='server[.](tablet[.]TabletServer|coordinator[.]CoordinatorServer)|fluss-(client|flink)'
for f in $(grep -lE "$p" /proc/[0-9]*/cmdline 2>/dev/null); do
  d=${f%/cmdline}
  echo "process ${d#/proc/}"
  printf 'stat '; hex < "$d/stat" 2>/dev/null; echo
  printf 'args '; hex < "$d/cmdline" 2>/dev/null; echo
  printf 'cwd '; readlink "$d/cwd" 2>/dev/null | hex; echo
  printf 'exe '; readlink "$d/exe" 2>/dev/null | hex; echo
  # Effective ones, which decide.
  sed -n 's/^Uid:[[:space:]]*[0-9]*[[:space:]]*\([0-9]*\).*/uid \1/p; s/^Gid:[[:space:]]*[0-9]*[[:space:]]*\([0-9]*\).*/gid \1/p' "$d/status" 2>/dev/null
  for g in $(sed -n 's/^Groups:[[:space:]]*//p' "$d/status" 2>/dev/null); do echo "gid $g"; done
  printf 'user '; stat -c %U "$d" 2>/dev/null | hex; echo
  kill -0 "${d#/proc/}" 2>/dev/null && echo signal
  if [ -r "$d/environ" ]; then
    echo environ
    # By name: other variables may hold secrets.
    for v in FLUSS_PID_DIR FLUSS_IDENT_STRING FLUSS_HOME FLUSS_PLUGINS_DIR FLUSS_CONF_DIR FLUSS_LOG_DIR JAVA_HOME USER; do
      printf 'variable %s ' "$v"; tr '\0' '\n' < "$d/environ" 2>/dev/null | sed -n "s/^$v=//p" | head -n 1 | hex; echo
    done
  fi
done
exit 0
