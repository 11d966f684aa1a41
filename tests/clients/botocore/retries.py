"""Prints what botocore makes of each case: of variables, a profile and a Config. One line of JSON for each."""
import json
import os
import sys

import botocore.loaders
import botocore.session
from botocore.config import Config

loader = botocore.loaders.create_loader()  # reading its data takes long
for case in json.load(sys.stdin):
    for name in list(os.environ):
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ.update(case["variables"])
    try:
        config = Config(**case["config"]) if case["config"] is not None else None
        session = botocore.session.Session()
        session.register_component("data_loader", loader)
        client = session.create_client(
            "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b", config=config
        )
        made = client.meta.config
        result = {
            "attempts": made.retries.get("total_max_attempts"),
            "mode": made.retries["mode"],
            "connect": made.connect_timeout,
            "read": made.read_timeout,
            "connections": made.max_pool_connections,
        }
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(result))
