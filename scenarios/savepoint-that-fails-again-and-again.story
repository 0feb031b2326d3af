# FLINK-37372: a savepoint that fails was asked for in an endless loop.
# Here every savepoint fails. The tries are counted, the job runs on, and a person is told.
before orders savepoint-fails org.apache.flink.runtime.checkpoint.CheckpointException: Could not materialize checkpoint
> upshift plan system.toml -o up.plan
$ upshift apply up.plan
world
