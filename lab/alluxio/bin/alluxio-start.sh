#!/usr/bin/env bash
# Stands in for bin/alluxio-start.sh: -i comes before the action, and what fails is told and ends with 0.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
backup=
usage() { echo 'Usage: alluxio-start.sh [-hNwa] [-i backup] ACTION [MOPT] [-f] [-c cache]'; }
while getopts 'hNwami:' option; do
  case $option in
    i) backup=$OPTARG ;;
    h) usage; exit 0 ;;
    *) ;;
  esac
done
shift $((OPTIND - 1))
start_master() {
  start_process master "$(property alluxio.master.web.port)" \
    ${backup:+"-Dalluxio.master.journal.init.from.backup=$backup"} alluxio.master.AlluxioMaster
}
start_worker() { start_process worker "$(property alluxio.worker.web.port)" alluxio.worker.AlluxioWorker; }
start_job_master() { start_process job_master "$(property alluxio.job.master.web.port)" alluxio.master.AlluxioJobMaster; }
start_job_worker() { start_process job_worker "$(property alluxio.job.worker.web.port)" alluxio.worker.AlluxioJobWorker; }
start_proxy() { start_process proxy "$(property alluxio.proxy.web.port)" alluxio.proxy.AlluxioProxy; }
case ${1:-} in
  master | masters) start_master ;;
  worker | workers) start_worker ;;
  job_master) start_job_master ;;
  job_worker) start_job_worker ;;
  proxy) start_proxy ;;
  all | local) start_master; start_worker ;;
  *) usage >&2; exit 1 ;;
esac
exit 0
