"""Lists a bucket with boto3. The argument is a wish, as JSON."""

import json
import resource
import sys
import time

import boto3

wish = json.loads(sys.argv[1])
client = boto3.client("s3", endpoint_url=wish["origin"], region_name="us-east-1",
                      aws_access_key_id="testkey", aws_secret_access_key="testsecret")
begun = time.perf_counter()
count = total = 0
for page in client.get_paginator("list_objects_v2").paginate(Bucket="media"):
    for entry in page.get("Contents", ()):
        count += 1
        total += entry["Size"]
milliseconds = (time.perf_counter() - begun) * 1000
keys = wish["keys"]
if count != keys or total != 1000 * keys + keys * (keys - 1) // 2:
    raise SystemExit(f"boto3 listed {count} objects of {total} bytes")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"milliseconds": milliseconds, "peakMebibytes": peak}))
