"""Writes partitions.json: the hosts and ARNs of every AWS region that botocore knows, and of one it does not know.

pip install botocore==1.43.11 && python3 partitions.py > partitions.json

Each row is what botocore's endpoint rules resolve for a region: S3 with a bucket (plain, FIPS, dual-stack, both), S3 with
the ARN of an access point, and STS and the two services of IAM Identity Center (portal and OIDC), each plain, FIPS,
dual-stack and both; null where the rules refuse.
The rules are asked directly: a client would also look at the older endpoints.json, which has no dual-stack hosts in
aws-iso-e and aws-iso-f.
"""
import json

import botocore
import botocore.session
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointResolutionError

loader = botocore.session.Session().get_component("data_loader")
partitions = loader.load_data("partitions")


def rules(service):
    provider = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)

    def resolve(**parameters):
        try:
            return provider.resolve_endpoint(**parameters).url
        except EndpointResolutionError:
            return None

    return resolve


s3, sts, portal, oidc = map(rules, ["s3", "sts", "sso", "sso-oidc"])


def row(partition, region):
    plain = {"Region": region, "UseDualStack": False, "UseFIPS": False}
    variants = {
        "": {},
        "Fips": {"UseFIPS": True},
        "Dualstack": {"UseDualStack": True},
        "FipsDualstack": {"UseDualStack": True, "UseFIPS": True},
    }

    def each(name, resolve, **more):
        return {name + suffix: resolve(**plain | choice, **more) for suffix, choice in variants.items()}

    point = f"arn:{partition}:s3:{region}:123456789012:accesspoint/reports"
    return {
        "region": region,
        "partition": partition,
        # As clients do for us-east-1, whose host has no region.
        **each("s3", s3, Bucket="media", UseGlobalEndpoint=True),
        "accessPointArn": point,
        "accessPoint": s3(**plain, Bucket=point),
        **each("sts", sts, UseGlobalEndpoint=False),
        **each("portal", portal),
        **each("oidc", oidc),
    }


rows = [
    row(partition["id"], region)
    for partition in partitions["partitions"]
    for region in partition["regions"]
    if not region.endswith("-global")
]
rows.append(row("aws", "mars-north-1"))
lines = ",\n".join(json.dumps(case) for case in rows)
print(f'{{"source": "botocore {botocore.__version__}", "rows": [\n{lines}\n]}}')
