# FLINK-37571: the job graph stayed in the store of the old cluster, and the old job came back.
# Here the old job is there again right after its stop. upshift does not stop the cluster under it and starts no second
# one.
when jobs arrives: the old job comes back
> upshift plan system.toml -o up.plan
$ upshift apply up.plan
world
