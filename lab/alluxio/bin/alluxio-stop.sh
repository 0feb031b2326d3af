#!/usr/bin/env bash
# Stands in for bin/alluxio-stop.sh, but stops by process and not by name of class: other clusters run on this machine.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
case ${1:-} in
  master | masters) stop_process master ;;
  worker | workers) stop_process worker ;;
  all | local) stop_process worker; stop_process master ;;
  *) echo 'Usage: alluxio-stop.sh [-h] ACTION [-c cache]' >&2; exit 1 ;;
esac
exit 0
