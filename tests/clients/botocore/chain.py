"""Which access key botocore signs with in each environment: reads cases as JSON, writes one line of JSON for each."""
import json
import os
import sys

import botocore.credentials
import botocore.session
import botocore.tokens
import botocore.utils

given = json.load(sys.stdin)
loader = botocore.session.Session().get_component("data_loader")
botocore.utils.ContainerMetadataFetcher.IP_ADDRESS = given["container"]
botocore.utils.ContainerMetadataFetcher.SLEEP_TIME = 0


def session_of(case):
    session = botocore.session.Session(profile=case.get("profile"))
    session.register_component("data_loader", loader)
    create = session.create_client

    def create_client(service, *args, **options):
        options["endpoint_url"] = given["endpoints"][service]
        return create(service, *args, **options)

    session.create_client = create_client
    return session


def key_of(case):
    os.environ.clear()
    os.environ.update(case["environment"])
    os.chdir(case["folder"])
    # botocore expands this once, when it is imported.
    cache = os.path.expanduser("~/.aws/sso/cache")
    botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR = cache
    botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR = cache
    credentials = session_of(case).get_credentials()
    if credentials is None:
        raise LookupError("no credentials")
    key = credentials.get_frozen_credentials().access_key
    if not key:
        raise LookupError("an empty key")
    return key


for case in given["cases"]:
    try:
        result = {"key": key_of(case)}
    except Exception as error:
        result = {"refused": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), flush=True)
