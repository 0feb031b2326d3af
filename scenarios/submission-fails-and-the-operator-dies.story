# FLINK-38858: a job ran twice after a submission that failed.
# Here the answer to the submission is lost and upshift is killed in the same moment. Another process looks the job up
# by the id that the first one wrote down before it asked.
when run is done: kill -9 upshift
> upshift plan system.toml -o up.plan
$ upshift apply --detach up.plan
wait for intent 4.2
wait for the kill
$ upshift resume
wait for the end
$ upshift status
world
