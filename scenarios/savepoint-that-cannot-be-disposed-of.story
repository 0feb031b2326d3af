# FLINK-39439: a savepoint left the history before its disposal had succeeded, and nobody knew of it any more.
# Here what lies there is not what the journal knows. Nothing is deleted, and it stays in the list.
$ upshift restore-points take system.toml
do the newest savepoint loses its metadata
$ upshift restore-points release @kept/orders --early
$ upshift restore-points list
$ upshift restore-points verify
world
