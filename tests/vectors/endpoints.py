"""Writes endpoints.json: where botocore reaches a bucket, and what it signs for.

pip install botocore==1.43.11 && python3 endpoints.py > endpoints.json

Each row is what get_object is about to send, with SigV4: the URL, and the region and service of the signature; or the
error. (Presigned URLs would not do: in them botocore puts the global host s3.amazonaws.com for every region.)
"""
import itertools
import json
import logging
import os
import re

import botocore
import botocore.session
from botocore.config import Config

os.environ.update(AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")
logging.disable(logging.WARNING)

ACCOUNT = "123456789012"
POINT = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/reports"
LAMBDA = f"arn:aws:s3-object-lambda:eu-west-1:{ACCOUNT}:accesspoint/reports"
OUTPOST = f"arn:aws:s3-outposts:eu-west-1:{ACCOUNT}:outpost/op-01ac5d28a6a232904/accesspoint/reports"
MULTI_REGION = f"arn:aws:s3::{ACCOUNT}:accesspoint/mfzwi23gnjvgw.mrap"
ALIAS = "reports-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias"


class Sent(Exception):
    pass


def stop(request, **_):
    raise Sent(request.url, re.search(rb"Credential=[^/]+/\d+/([^,]+)/aws4_request", request.headers["Authorization"])[1])


def row(**given):
    defaults = dict(
        region="us-east-1", bucket="media", addressingStyle="auto", useSsl=True, useDualstackEndpoint=False,
        useFipsEndpoint=False, useAccelerateEndpoint=False, endpointUrl=None,
    )
    case = {**defaults, **given}
    try:
        client = botocore.session.Session().create_client(
            "s3",
            region_name=case["region"],
            endpoint_url=case["endpointUrl"],
            use_ssl=case["useSsl"],
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="secret",
            config=Config(
                signature_version="s3v4",
                use_dualstack_endpoint=case["useDualstackEndpoint"],
                use_fips_endpoint=case["useFipsEndpoint"],
                s3={
                    "addressing_style": case["addressingStyle"],
                    "use_accelerate_endpoint": case["useAccelerateEndpoint"],
                },
            ),
        )
        client.meta.events.register("before-send.s3", stop)
        client.get_object(Bucket=case["bucket"], Key="k")
    except Sent as sent:
        result = {"url": sent.args[0], "signed": sent.args[1].decode()}
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    return {**case, **result}


REGIONS = ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eusc-de-east-1"]
rows = []
for region, (dual, fips) in itertools.product(REGIONS, itertools.product([False, True], repeat=2)):
    rows.append(row(region=region, useDualstackEndpoint=dual, useFipsEndpoint=fips))
for region in ["ap-southeast-2", "aws-global", "fips-us-east-1", "us-gov-west-1-fips", "mars-1", "auto"]:
    rows.append(row(region=region))
    rows.append(row(region=region, addressingStyle="path"))
for region, dual in itertools.product(["us-east-1", "eu-west-1", "cn-north-1", "aws-global"], [False, True]):
    rows.append(row(region=region, useAccelerateEndpoint=True, useDualstackEndpoint=dual))
for region in ["us-east-1", "eu-west-1", "cn-north-1"]:
    rows.append(row(region=region, useSsl=False))
for style, bucket in itertools.product(["auto", "virtual", "path"], ["media", "my.b", "Media", "my_b", ALIAS]):
    rows.append(row(region="eu-west-1", addressingStyle=style, bucket=bucket))
    rows.append(row(region="eu-west-1", addressingStyle=style, bucket=bucket, useDualstackEndpoint=True))
for bucket in ["my.b", "Media"]:
    rows.append(row(bucket=bucket, useAccelerateEndpoint=True))
rows.append(row(useAccelerateEndpoint=True, addressingStyle="path"))
rows.append(row(useAccelerateEndpoint=True, useFipsEndpoint=True))
rows.append(row(useAccelerateEndpoint=True, useSsl=False))
for endpoint, style in itertools.product(
    ["http://localhost:9000", "https://s3.example.com", "https://h.example.com/s3", "https://h.example.com/s3/"],
    ["auto", "virtual", "path"],
):
    rows.append(row(endpointUrl=endpoint, addressingStyle=style))
for style in ["auto", "virtual"]:
    rows.append(row(endpointUrl="http://127.0.0.1:9000", addressingStyle=style))
    rows.append(row(endpointUrl="https://s3-accelerate.amazonaws.com", addressingStyle=style))
    rows.append(row(endpointUrl="http://s3.example.com", addressingStyle=style, bucket="my.b"))
    rows.append(row(endpointUrl="https://s3.example.com", addressingStyle=style, bucket="my.b"))
    rows.append(row(endpointUrl="https://media.nyc3.digitaloceanspaces.com", addressingStyle=style, region="nyc3"))
    rows.append(row(endpointUrl="https://s3.example.com", addressingStyle=style, region="aws-global"))
rows.append(row(endpointUrl="https://s3.example.com/media"))
for option in ["useDualstackEndpoint", "useFipsEndpoint", "useAccelerateEndpoint"]:
    rows.append(row(endpointUrl="https://s3.example.com", **{option: True}))
for arn, (dual, fips) in itertools.product([POINT, LAMBDA, OUTPOST], itertools.product([False, True], repeat=2)):
    rows.append(row(bucket=arn, region="us-east-2", useDualstackEndpoint=dual, useFipsEndpoint=fips))
for arn in [POINT, LAMBDA, OUTPOST]:
    rows.append(row(bucket=arn, useAccelerateEndpoint=True))
    rows.append(row(bucket=arn, addressingStyle="path"))
    rows.append(row(bucket=arn, endpointUrl="https://accesspoint.vpce-1.s3.eu-west-1.vpce.amazonaws.com"))
    rows.append(row(bucket=arn.replace("accesspoint/", "accesspoint:").replace("outpost/", "outpost:")))
    rows.append(row(bucket=arn, useSsl=False))
rows.append(row(bucket=MULTI_REGION))
rows.append(row(bucket=POINT.replace("arn:aws:", "arn:aws-cn:").replace("eu-west-1", "cn-north-1"), region="cn-north-1"))
rows.append(row(bucket=POINT.replace("arn:aws:", "arn:aws-cn:").replace("eu-west-1", "cn-north-1")))
rows.append(row(bucket=POINT.replace("reports", "re_ports")))
rows.append(row(bucket=POINT + "/more"))
rows.append(row(bucket="arn:aws:s3:::media"))
rows.append(row(bucket="arn:aws:s3:eu-west-1"))
rows.append(row(region="a b"))
rows.append(row(region="a_b"))
rows.append(row(region="a.b"))
rows.append(row(bucket="media--usw2-az1--x-s3", region="us-west-2"))
rows = [{name: value for name, value in row.items() if value is not None and value is not False} for row in rows]
# What is true by default is left out, and false stays.
for case in rows:
    case["useSsl"] = case.get("useSsl", False)
    if case["useSsl"]:
        del case["useSsl"]
    if case["addressingStyle"] == "auto":
        del case["addressingStyle"]
lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in rows)
print(f'{{"source": "botocore {botocore.__version__}", "rows": [\n{lines}\n]}}')
