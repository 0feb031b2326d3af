# FLINK-36037: suspended jobs were restored from the wrong savepoint.
# Here the job runs, from another savepoint than the one that was named. The gate sees it, and the run goes back.
policy on_failed_gate = "roll-back"
after orders restores-from file:/somewhere/else
> upshift plan system.toml -o up.plan
$ upshift apply --detach up.plan
wait for the end
$ upshift status
world
