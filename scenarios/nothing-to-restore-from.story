# FLINK-30437: what a restore needs was checked too late.
# Here the trial savepoint is told as complete and has no metadata. The job is never stopped.
before orders savepoint-lacks-metadata
> upshift plan system.toml -o up.plan
$ upshift apply up.plan
world
