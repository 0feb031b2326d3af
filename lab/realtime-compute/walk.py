#!/usr/bin/env python3
"""Walks through a clone-and-switch upgrade with the vendor's own SDK, against whatever speaks
ververica 2022-07-18 at an address: a judge of the emulated service that shares no code with upshift.

usage: walk.py sync|async HOST:PORT NAMESPACE WORKSPACE DEPLOYMENT JAR_OR_- TARGET_ENGINE native|standard [ARGUMENTS]

The deployment is made first when a jar is given (with these arguments of main). Every step prints one line of JSON; it
ends with 0 when every step came out as it should, and it repeats nothing, as the SDK does not.
"""
import asyncio
import json
import sys
import time

from alibabacloud_tea_openapi import models as openapi
from alibabacloud_ververica20220718 import models as m
from alibabacloud_ververica20220718.client import Client

try:
    from darabonba.runtime import RuntimeOptions
except ImportError:
    from alibabacloud_tea_util.models import RuntimeOptions

MODE, ENDPOINT, NAMESPACE, WORKSPACE, NAME, JAR, TARGET, FORMAT = sys.argv[1:9]
ARGUMENTS = " ".join(sys.argv[9:])
CLIENT = Client(openapi.Config(access_key_id="testAK", access_key_secret="testSK", endpoint=ENDPOINT, protocol="http"))
OPTIONS = RuntimeOptions()
SOURCE = "vvr-8.0.9-flink-1.17"


def say(step, **facts):
    print(json.dumps({"step": step, **facts}, ensure_ascii=False), flush=True)


def headers(action):
    return getattr(m, action + "Headers")(workspace=WORKSPACE)


async def call(action, *args):
    """One action; the answer's content. A no of the service ends the walk."""
    method = "".join("_" + c.lower() if c.isupper() else c for c in action).lstrip("_") + "_with_options"
    if MODE == "async":
        answer = await getattr(CLIENT, method + "_async")(*args, headers(action), OPTIONS)
    else:
        answer = getattr(CLIENT, method)(*args, headers(action), OPTIONS)
    if not answer.body.success:
        say(action, code=answer.body.error_code, message=answer.body.error_message)
        sys.exit(1)
    return getattr(answer.body, "data", None)


async def until(step, ask, good, bad=()):
    end = time.monotonic() + 180
    while time.monotonic() < end:
        word, found = await ask()
        if word in good:
            say(step, state=word)
            return found
        if word in bad:
            say(step, state=word, found=str(found))
            sys.exit(1)
        await asyncio.sleep(0.2)
    say(step, timeout=True)
    sys.exit(1)


async def job(id):
    found = await call("GetJob", NAMESPACE, id)
    return found.status.current_job_status, found


async def savepoint(id):
    found = await call("GetSavepoint", NAMESPACE, id)
    return found.status.state, found


async def start(deployment, **restore):
    strategy = m.DeploymentRestoreStrategy(**restore)
    wanted = m.JobStartParameters(deployment_id=deployment, restore_strategy=strategy)
    begun = await call("StartJobWithParams", NAMESPACE, m.StartJobWithParamsRequest(body=wanted))
    return await until("running", lambda: job(begun.job_id), ("RUNNING",), ("FAILED", "CANCELLED", "FINISHED"))


async def make():
    jar = m.JarArtifact(jar_uri=JAR, main_args=ARGUMENTS)
    spec = lambda: m.BasicResourceSettingSpec(cpu=1.0, memory="1Gi")
    basic = m.BasicResourceSetting(
        parallelism=2, jobmanager_resource_setting_spec=spec(), taskmanager_resource_setting_spec=spec()
    )
    body = m.Deployment(
        name=NAME,
        engine_version=SOURCE,
        execution_mode="STREAMING",
        deployment_target=m.BriefDeploymentTarget(mode="PER_JOB", name="default-queue"),
        artifact=m.Artifact(kind="JAR", jar_artifact=jar),
        flink_conf={"taskmanager.numberOfTaskSlots": 2},
        streaming_resource_setting=m.StreamingResourceSetting(
            resource_setting_mode="BASIC", basic_resource_setting=basic
        ),
        labels={"team": "a"},
        local_variables=[m.LocalVariable(name="v", value="1")],
    )
    made = await call("CreateDeployment", NAMESPACE, m.CreateDeploymentRequest(body=body))
    await start(made.deployment_id, kind="NONE")


async def checkpoint(of, deployment):
    path = f"/jobs/{of.job_id.replace('-', '')}/checkpoints"
    request = m.FlinkApiProxyRequest(
        flink_api_path=path, namespace=NAMESPACE, resource_id=of.job_id, resource_type="jobs"
    )
    told = await call("FlinkApiProxy", request)
    told = json.loads(told) if isinstance(told, str) else told
    return ("DONE" if told["counts"]["completed"] > 0 else "WAIT"), told


async def walk():
    if JAR != "-":
        await make()
    index = await call("ListEngineVersionMetadata")
    engines = {one.engine_version: one for one in index.engine_version_metadata}
    assert TARGET in engines, sorted(engines)
    say("engine", target=TARGET, status=engines[TARGET].status)
    request = m.ListDeploymentsRequest(name=NAME, page_index=1, page_size=100)
    listed = await call("ListDeployments", NAMESPACE, request)
    old = [one for one in listed if one.name == NAME][0]
    say("original", engine=old.engine_version, running=old.job_summary.running)
    assert old.engine_version != TARGET and old.job_summary.running == 1

    body = m.Deployment(
        name=NAME + "-upg",
        engine_version=TARGET,
        execution_mode=old.execution_mode,
        deployment_target=old.deployment_target,
        artifact=old.artifact,
        flink_conf=old.flink_conf,
        streaming_resource_setting=old.streaming_resource_setting,
        local_variables=old.local_variables,
        logging=old.logging,
        labels={**(old.labels or {}), "walk": MODE},
    )
    new = await call("CreateDeployment", NAMESPACE, m.CreateDeploymentRequest(body=body))
    assert new.engine_version == TARGET and new.local_variables[0].value == "1"
    say("clone", engine=new.engine_version)
    request = m.ListJobsRequest(deployment_id=old.deployment_id, page_index=1, page_size=100)
    jobs = await call("ListJobs", NAMESPACE, request)
    running = [one for one in jobs if one.status.current_job_status == "RUNNING"][0]

    native = FORMAT == "native"
    request = m.CreateSavepointRequest(deployment_id=old.deployment_id, description="walk", native_format=native)
    taken = await call("CreateSavepoint", NAMESPACE, request)
    taken = await until("savepoint", lambda: savepoint(taken.savepoint_id), ("COMPLETED",), ("FAILED",))
    assert taken.native_format is native and taken.savepoint_location, taken
    request = m.StopJobRequest(body=m.StopJobRequestBody(stop_strategy="NONE"))
    await call("StopJob", NAMESPACE, running.job_id, request)
    await until("stopped", lambda: job(running.job_id), ("CANCELLED", "FINISHED"), ("FAILED",))

    restored = await start(
        new.deployment_id, kind="FROM_SAVEPOINT", savepoint_id=taken.savepoint_id, allow_non_restored_state=False
    )
    assert restored.engine_version == TARGET and restored.restore_strategy.savepoint_id == taken.savepoint_id
    stats = await until("first checkpoint", lambda: checkpoint(restored, new), ("DONE",))
    assert stats["latest"]["restored"]["external_path"] == taken.savepoint_location, stats["latest"]

    await call("DeleteDeployment", NAMESPACE, old.deployment_id)
    await call("DeleteSavepoint", NAMESPACE, taken.savepoint_id)
    request = m.ListSavepointsRequest(deployment_id=old.deployment_id, page_index=1, page_size=100)
    left = await call("ListSavepoints", NAMESPACE, request)
    assert taken.savepoint_id not in [one.savepoint_id for one in left]
    say("done", job=restored.job_id)


asyncio.run(walk())
