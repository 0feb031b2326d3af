"""Serves S3 on the loopback interface with moto, and dies with the process that started it.

serve PORT    the server
fill PORT BUCKET PREFIX DIR    a user, a bucket and every file of DIR below PREFIX; prints the user's keys as JSON

The calls of `fill` are the only ones that need no credentials: the server is started with their number, and checks the
signature of every later request.
"""

import ctypes
import json
import os
import runpy
import signal
import sys


def serve(port):
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    sys.argv = ["moto_server", "-H", "127.0.0.1", "-p", port]
    runpy.run_module("moto.server", run_name="__main__")


def fill(port, bucket, prefix, folder):
    import boto3

    def client(name):
        return boto3.client(name, endpoint_url=f"http://127.0.0.1:{port}", region_name="eu-central-1",
                            aws_access_key_id="any", aws_secret_access_key="any")

    iam, s3 = client("iam"), client("s3")
    iam.create_user(UserName="reader")
    statement = {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"}
    iam.put_user_policy(UserName="reader", PolicyName="read",
                        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    keys = iam.create_access_key(UserName="reader")["AccessKey"]
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            with open(path, "rb") as data:
                s3.put_object(Bucket=bucket, Key=f"{prefix}/{os.path.relpath(path, folder)}", Body=data.read())
    print(json.dumps({"access_key": keys["AccessKeyId"], "secret_key": keys["SecretAccessKey"]}))


if __name__ == "__main__":
    {"serve": serve, "fill": fill}[sys.argv[1]](*sys.argv[2:])
