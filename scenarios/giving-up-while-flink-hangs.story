# FLINK-39618: a deletion waited for a savepoint that waited for the deletion.
# Here a savepoint never ends. The run can be given up, and the system is free again.
before orders savepoint-hangs
> upshift plan system.toml -o up.plan
$ upshift apply --detach up.plan
wait for attempted 1.b.1
$ upshift abandon orders
wait for the end
$ upshift status
> upshift plan system.toml -o again.plan
world
