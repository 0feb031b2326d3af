# FLINK-40119, FLINK-40092: the old side was deleted early.
# Here nobody has accepted yet: savepoint and old installation are there, and the way back is taken.
policy finalize_after = "1h"
> upshift plan system.toml -o up.plan
$ upshift apply up.plan
$ upshift restore-points list
$ upshift rollback
$ upshift restore-points list
world
