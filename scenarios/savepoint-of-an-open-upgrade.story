# FLINK-38033: the savepoint of an upgrade was disposed of by accident.
# Here somebody wants to release the savepoint that the run may still go back to.
policy finalize_after = "1h"
> upshift plan system.toml -o up.plan
$ upshift apply up.plan
$ upshift restore-points release @S/orders --early
$ upshift rollback
world
