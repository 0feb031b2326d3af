#!/usr/bin/env python3
"""What a deployment goes through beside upshift, by the vendor's own SDK.

usage: contenders.py floor|script HOST:PORT NAMESPACE WORKSPACE DEPLOYMENT TARGET_ENGINE

floor: its job is stopped with a savepoint and started from it at once, on the same deployment: what the service itself
takes. script: the vendor's page step by step, with care. What is not answered is sent again, as the vendor's Terraform
provider does it; a no is looked into; every state is polled every 2 s, where that provider waits 15 and 30 s.
"""
import json
import sys
import time

from alibabacloud_tea_openapi import models as openapi
from alibabacloud_ververica20220718 import models as m
from alibabacloud_ververica20220718.client import Client
from darabonba.runtime import RuntimeOptions

MODE, ENDPOINT, NAMESPACE, WORKSPACE, NAME, TARGET = sys.argv[1:7]
CLIENT = Client(openapi.Config(access_key_id="testAK", access_key_secret="testSK", endpoint=ENDPOINT, protocol="http"))
POLL = 0.02 if MODE == "floor" else 2.0
AGAIN = 1.0
OVER = ("CANCELLED", "FINISHED", "FAILED")


class No(Exception):
    pass


def call(action, *args):
    """One action; sent again while no answer comes."""
    method = "".join("_" + c.lower() if c.isupper() else c for c in action).lstrip("_") + "_with_options"
    headers = getattr(m, action + "Headers")(workspace=WORKSPACE)
    for attempt in range(5):
        try:
            answer = getattr(CLIENT, method)(*args, headers, RuntimeOptions())
        except Exception as error:
            code = getattr(error, "code", None) or ""
            if code and not any(word in str(code) for word in ("Throttling", "Unavailable", "Retry")):
                raise
            print(f"{action} was not answered ({type(error).__name__}); sent again", file=sys.stderr)
            time.sleep(AGAIN)
            continue
        if not answer.body.success:
            raise No(f"{action}: {answer.body.error_code} {answer.body.error_message}")
        return getattr(answer.body, "data", None)
    sys.exit(f"{action} was never answered")


def until(ask, good, bad=()):
    end = time.monotonic() + 300
    while time.monotonic() < end:
        word, found = ask()
        if word in good:
            return found
        if word in bad:
            sys.exit(f"{word}: {found}")
        time.sleep(POLL)
    sys.exit(f"never {good}")


def deployment(name):
    request = m.ListDeploymentsRequest(name=name, page_index=1, page_size=100)
    listed = call("ListDeployments", NAMESPACE, request) or []
    return [one for one in listed if one.name == name][0]


def jobs(of):
    request = m.ListJobsRequest(deployment_id=of.deployment_id, page_index=1, page_size=100)
    found = call("ListJobs", NAMESPACE, request) or []
    return [one for one in found if one.status.current_job_status not in OVER]


def job(id):
    found = call("GetJob", NAMESPACE, id)
    return found.status.current_job_status, found


def savepoints(of):
    request = m.ListSavepointsRequest(deployment_id=of.deployment_id, page_index=1, page_size=100)
    return call("ListSavepoints", NAMESPACE, request) or []


def stop(id, strategy):
    body = m.StopJobRequestBody(stop_strategy=strategy)
    call("StopJob", NAMESPACE, id, m.StopJobRequest(body=body))
    until(lambda: job(id), ("CANCELLED", "FINISHED"), ("FAILED",))


def start(of, savepoint):
    strategy = m.DeploymentRestoreStrategy(
        kind="FROM_SAVEPOINT", savepoint_id=savepoint.savepoint_id, allow_non_restored_state=False
    )
    wanted = m.JobStartParameters(deployment_id=of.deployment_id, restore_strategy=strategy)
    try:
        begun = call("StartJobWithParams", NAMESPACE, m.StartJobWithParamsRequest(body=wanted))
    except No as no:
        print(no, file=sys.stderr)
        begun = jobs(of)[0]
    return until(lambda: job(begun.job_id), ("RUNNING",), OVER)


def floor():
    old = deployment(NAME)
    running = jobs(old)[0]
    stop(running.job_id, "STOP_WITH_SAVEPOINT")
    ours = lambda one: one.job_id == running.job_id and one.savepoint_origin == "STOP_WITH_SAVEPOINT"
    whole = lambda: [one for one in savepoints(old) if ours(one) and one.status.state == "COMPLETED"]
    left = until(lambda: ("THERE" if whole() else "NOT YET", whole()), ("THERE",))
    return start(old, left[0])


def script():
    old = deployment(NAME)
    running = jobs(old)[0]
    body = m.Deployment(
        name=NAME + "-upg",
        engine_version=TARGET,
        execution_mode=old.execution_mode,
        deployment_target=old.deployment_target,
        artifact=old.artifact,
        flink_conf=old.flink_conf,
        streaming_resource_setting=old.streaming_resource_setting,
    )
    try:
        call("CreateDeployment", NAMESPACE, m.CreateDeploymentRequest(body=body))
    except No as no:
        print(no, file=sys.stderr)
    new = deployment(NAME + "-upg")
    request = m.CreateSavepointRequest(deployment_id=old.deployment_id, description="script", native_format=True)
    taken = call("CreateSavepoint", NAMESPACE, request)
    state = lambda: (lambda found: (found.status.state, found))(call("GetSavepoint", NAMESPACE, taken.savepoint_id))
    taken = until(state, ("COMPLETED",), ("FAILED",))
    stop(running.job_id, "NONE")
    return start(new, taken)


def checkpoint(of):
    path = f"/jobs/{of.job_id.replace('-', '')}/checkpoints"
    request = m.FlinkApiProxyRequest(
        flink_api_path=path, namespace=NAMESPACE, resource_id=of.job_id, resource_type="jobs"
    )
    told = call("FlinkApiProxy", request)
    told = json.loads(told) if isinstance(told, str) else told
    return ("DONE" if told["counts"]["completed"] > 0 else "WAIT"), told


started = floor() if MODE == "floor" else script()
until(lambda: checkpoint(started), ("DONE",))
