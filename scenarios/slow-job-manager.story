# FLINK-39270: a slow job manager, and state was lost, because the upgrade went on from an older checkpoint.
# Here the savepoint takes long and the job manager is busy meanwhile. upshift waits, falls back to nothing, and starts
# the job from the savepoint of this very stop.
before orders savepoint-takes 1500
when saved arrives: busy 6 times
> upshift plan system.toml -o up.plan
$ upshift apply --detach up.plan
wait for the end
$ upshift status
world
