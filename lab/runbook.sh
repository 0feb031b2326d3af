#!/usr/bin/env bash
# What a careful person does without upshift: the documented upgrade by the release's own command line and scripts.
# The benchmark measures it from the job's output; this script only acts.
#
#   runbook.sh shadow|in-place OLD_HOME NEW_HOME OLD_DIR NEW_DIR OLD_URL NEW_URL JOB_ID canonical|native SAVEPOINTS JAR [ARG ...]
#
# OLD_DIR and NEW_DIR hold conf/, log/ and pid/ of the two clusters. In a shadow copy both run; in place the new one is
# started here, on the old one's ports. Everything that is waited for is asked every 50 ms.
set -euo pipefail
mode=$1 old_home=$2 new_home=$3 old_dir=$4 new_dir=$5 old_url=$6 new_url=$7 job=$8 format=$9
shift 9
savepoints=$1 jar=$2
shift 2

at() { # at DIR COMMAND ...: a script of a release, speaking of the cluster in DIR
  local dir=$1
  shift
  FLINK_CONF_DIR=$dir/conf FLINK_LOG_DIR=$dir/log FLINK_PID_DIR=$dir/pid FLINK_IDENT_STRING=lab "$@"
}
until_true() { # until_true WHAT COMMAND ...: within two minutes
  local what=$1 i
  shift
  for i in $(seq 1 2400); do "$@" && return 0; sleep 0.05; done
  echo "gave up waiting for $what" >&2
  exit 1
}
gone() { ! kill -0 "$1" 2>/dev/null; }
slot_free() { curl -s "$new_url/overview" | grep -q '"slots-available":[1-9]'; }
checkpointed() { curl -s "$new_url/jobs/$new_job/checkpoints" | grep -q '"counts":{[^}]*"completed":[1-9]'; }

# `|| true`: what it said is looked at below, and is shown when it is not what was wanted.
said=$(at "$old_dir" "$old_home/bin/flink" stop --type "$format" --savepointPath "$savepoints" "$job" 2>&1 || true)
savepoint=$(sed -n 's/^Savepoint completed. Path: //p' <<<"$said")
[ -n "$savepoint" ] || { echo "no savepoint: $said" >&2; exit 1; }

if [ "$mode" = in-place ]; then
  pids=$(cat "$old_dir"/pid/*.pid)
  # shellcheck disable=SC2086  # several numbers
  kill $pids
  for pid in $pids; do until_true "process $pid to end" gone "$pid"; done
  at "$new_dir" "$new_home/bin/jobmanager.sh" start 127.0.0.1 "${new_url##*:}" >/dev/null
  at "$new_dir" "$new_home/bin/taskmanager.sh" start >/dev/null
  until_true 'a free slot' slot_free
fi

said=$(at "$new_dir" "$new_home/bin/flink" run --detached --fromSavepoint "$savepoint" "$jar" "$@" 2>&1 || true)
new_job=$(sed -n 's/^Job has been submitted with JobID //p' <<<"$said")
[ -n "$new_job" ] || { echo "not submitted: $said" >&2; exit 1; }
until_true 'the first checkpoint' checkpointed
