# FLINK-33522: the savepoint was taken, the job was not stopped, and it went on behind the savepoint.
# Here the stop answers with a savepoint, and the job is seen to run. The stop is not believed, nothing is started from
# that savepoint, and who gives the run up has a job that runs.
when status arrives: the old job comes back
> upshift plan system.toml -o up.plan
$ upshift apply --detach up.plan
wait for attempted 2.1
wait for the old job
$ upshift abandon orders
wait for the end
world
