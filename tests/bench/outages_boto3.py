"""The same calls with boto3 and its retry mode "standard": tasks on standard input, results on standard output."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

MARKER, ENDPOINT = sys.argv[1], sys.argv[2]
BODY = b"\1" * 10_000


def say(text):
    print(text, flush=True)


def calls_of(count):
    config = Config(
        retries={"mode": "standard"}, max_pool_connections=count, s3={"addressing_style": "path"}
    )
    client = boto3.client(
        "s3",
        endpoint_url=ENDPOINT,
        region_name="us-east-1",
        aws_access_key_id="testkey",
        aws_secret_access_key="testsecret",
        config=config,
    )
    return {
        "save": lambda index: client.put_object(Bucket="media", Key=f"file{index}.bin", Body=BODY),
        "open": lambda index: client.get_object(Bucket="media", Key="file0.bin")["Body"].read(),
        "list": lambda index: client.list_objects_v2(Bucket="media"),
    }


for line in iter(sys.stdin.readline, ""):
    task = json.loads(line)
    calls = calls_of(task["count"])
    calls["save"](0)
    calls[task["call"]](0)
    say("ready")
    sys.stdin.readline()
    results = []

    def run(index):
        start = time.monotonic()
        error = None
        try:
            calls[task["call"]](index)
        except Exception as failure:
            error = repr(failure)
        results.append((time.monotonic() - start, error))

    with ThreadPoolExecutor(task["count"]) as pool:
        for index in range(task["count"]):
            pool.submit(run, index)
        say("begun")
    errors = [error for _, error in results if error]
    figures = {"failures": len(errors), "longestMilliseconds": max(seconds for seconds, _ in results) * 1000}
    if errors:
        figures["error"] = errors[0]
    say(MARKER + json.dumps(figures))
