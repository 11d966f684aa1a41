"""Reads a bucket with boto3, for requests on standard input: the objects below a prefix, or the open uploads."""

import hashlib
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import boto3
from botocore.config import Config

ENDPOINT, ACCESS_KEY, SECRET_KEY, BUCKET = sys.argv[1:]
client = boto3.client(
    "s3",
    endpoint_url=ENDPOINT,
    region_name="us-east-1",
    aws_access_key_id=ACCESS_KEY,
    aws_secret_access_key=SECRET_KEY,
    config=Config(s3={"addressing_style": "path"}, max_pool_connections=16),
)
printing = Lock()
digests = {}


def digest_of(entry):
    """The SHA-256 of the bytes, which are read once for each write."""
    write = (entry["Key"], entry["ETag"], entry["Size"], entry["LastModified"].isoformat())
    if write not in digests:
        body = client.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"]
        digest = hashlib.sha256()
        length = 0
        for chunk in body.iter_chunks(1 << 20):
            digest.update(chunk)
            length += len(chunk)
        digests[write] = [length, digest.hexdigest()]
    return digests[write]


def objects(prefix):
    found = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix):
        for entry in page.get("Contents", []):
            found[entry["Key"]] = digest_of(entry)
    return found


def uploads():
    found = []
    for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=BUCKET):
        for upload in page.get("Uploads", []):
            key, upload_id = upload["Key"], upload["UploadId"]
            try:
                parts = client.list_parts(Bucket=BUCKET, Key=key, UploadId=upload_id).get("Parts", [])
            except client.exceptions.NoSuchUpload:
                continue
            found.append([key, upload_id, len(parts)])
    return found


def answer(line):
    request = json.loads(line)
    try:
        result = {"objects": objects(request["prefix"])} if "prefix" in request else {"uploads": uploads()}
    except Exception as error:
        result = {"error": repr(error)}
    with printing:
        print(json.dumps({"id": request["id"], **result}), flush=True)


with ThreadPoolExecutor(8) as pool:
    for line in iter(sys.stdin.readline, ""):
        pool.submit(answer, line)
