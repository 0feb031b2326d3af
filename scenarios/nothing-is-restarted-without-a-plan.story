# FLINK-38479: an upgrade of the operator itself restarted jobs, because their specification looked different.
# Here the upgrade is over. Planning again finds nothing to do, and the old plan is refused.
> upshift plan system.toml -o up.plan
$ upshift apply --detach up.plan
wait for the end
$ upshift plan system.toml -o again.plan
$ upshift apply up.plan
world
