"""Writes session_requests.json: the first request of botocore sessions in generated environments.

pip install botocore==1.43.11 && python3 session_requests.py > session_requests.json

Each case has an environment and a config file with endpoints, FIPS, dual-stack and regional endpoints in any place, and what
asks for the request: the keys of a role or of a web identity (STS), of SSO (its portal), an SSO token that has to be
renewed (OIDC), or an object (S3). The result is the URL, the region that it is signed for, and the role; null where
botocore refuses. `/t/` stands for a folder with the file `token`.
"""
import hashlib
import json
import os
import random
import re
import shutil
import sys
import tempfile
from urllib.parse import parse_qs

import botocore
import botocore.credentials
import botocore.httpsession
import botocore.session
import botocore.tokens

CASES = 300
DICE = random.Random(17)
KINDS = ["web identity", "web identity", "role", "sso", "oidc", "s3", "s3"]
ARN = "arn:aws:iam::123456789012:role"
START = "https://corp.awsapps.com/start"
LOADER = botocore.session.Session().get_component("data_loader")


class Sent(BaseException):
    pass


def send(_, request):
    raise Sent(request)


botocore.httpsession.URLLib3Session.send = send


def maybe(chance, *values):
    return DICE.choice(values) if DICE.random() < chance else None


def settings(service):
    """The settings that decide on a host: those of the environment and those of the profile."""
    name = service.upper()
    environment = {
        "AWS_REGION": None,
        "AWS_DEFAULT_REGION": maybe(0.5, "us-east-1", "eu-west-1", "us-gov-west-1", "us-west-2"),
        "AWS_ENDPOINT_URL": maybe(0.12, "http://127.0.0.1:9001", "https://all.example"),
        f"AWS_ENDPOINT_URL_{name}": maybe(0.12, "https://variable.example"),
        "AWS_USE_FIPS_ENDPOINT": maybe(0.25, "true", "true", "false"),
        "AWS_USE_DUALSTACK_ENDPOINT": maybe(0.25, "true", "true", "false"),
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": maybe(0.12, "true", "true", "false"),
        "AWS_STS_REGIONAL_ENDPOINTS": maybe(0.2, "legacy", "regional"),
        "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": maybe(0.2, "legacy", "regional"),
    }
    region = maybe(0.7, "us-east-1", "ap-south-1", "cn-north-1", "af-south-1")
    profile = {
        "region": region if environment["AWS_DEFAULT_REGION"] or region else "us-east-1",
        "endpoint_url": maybe(0.12, "https://profile.example"),
        "services": maybe(0.25, "own"),
        "use_fips_endpoint": maybe(0.2, "true", "true", "false"),
        "use_dualstack_endpoint": maybe(0.2, "true", "true", "false"),
        "ignore_configured_endpoint_urls": maybe(0.12, "true", "true", "false"),
        "sts_regional_endpoints": maybe(0.2, "legacy", "regional"),
    }
    s3 = {
        "addressing_style": maybe(0.4, "virtual", "path", "auto"),
        "us_east_1_regional_endpoint": maybe(0.3, "legacy", "regional"),
        "use_dualstack_endpoint": maybe(0.1, "true"),
    }
    return environment, profile, s3


def lines(values, indent=""):
    return "".join(f"{indent}{key} = {value}\n" for key, value in values.items() if value is not None)


def generate():
    kind = DICE.choice(KINDS)
    service = {"web identity": "sts", "role": "sts", "oidc": "sso_oidc"}.get(kind, kind)
    environment, profile, s3 = settings(service)
    name = maybe(0.4, "dev") or "default"
    named = name == "dev" and DICE.random() < 0.5
    if name == "dev" and not named:
        environment["AWS_PROFILE"] = "dev"
    source = ""
    if kind == "web identity":
        places = DICE.choice(["variables", "profile", "both", "both", "mixed"])
        if places != "profile":
            environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/t/token"
            if places != "mixed":
                environment["AWS_ROLE_ARN"] = f"{ARN}/variable"
            environment["AWS_ROLE_SESSION_NAME"] = maybe(0.3, "variable")
        if places != "variables":
            profile["role_arn"] = f"{ARN}/profile"
            profile["role_session_name"] = maybe(0.3, "profile")
            if places != "mixed":
                profile["web_identity_token_file"] = "/t/token"
            else:
                profile["source_profile"] = maybe(0.3, "base")
    if kind == "role":
        profile["role_arn"] = f"{ARN}/profile"
        profile["source_profile"] = "base"
    if kind == "role" or profile.get("source_profile"):
        base = {"aws_access_key_id": "base", "aws_secret_access_key": "secret", **settings("sts")[1]}
        source = f"[profile base]\n{lines(base)}"
    if kind in ("sso", "oidc"):
        profile |= {"sso_session": "corp", "sso_account_id": "123456789012", "sso_role_name": "reader"}
        place = {"sso_region": DICE.choice(["us-east-1", "eu-west-1", "us-gov-west-1"]), "sso_start_url": START}
        source = f"[sso-session corp]\n{lines(place)}"
    if kind == "s3":
        if named:
            profile |= {"aws_access_key_id": "profile", "aws_secret_access_key": "secret"}
        else:
            environment |= {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    header = "[default]" if name == "default" else "[profile dev]"
    nested = lines(s3, "  ")
    services = f"[services own]\n{service} =\n  endpoint_url = https://services.example\n"
    other = "[services own]\ndynamodb =\n  endpoint_url = https://other.example\n"
    return {
        "kind": kind,
        "profile": "dev" if named else None,
        "environment": {key: value for key, value in environment.items() if value is not None},
        "config": f"{header}\n{lines(profile)}{'s3 =' + chr(10) + nested if nested else ''}{source}"
        + (DICE.choice([services, services, other]) if profile["services"] else ""),
    }


def write_token(folder, kind):
    cache = f"{folder}/.aws/sso/cache"
    os.makedirs(cache)
    end = "2020-01-01T00:00:00Z" if kind == "oidc" else "2099-01-01T00:00:00Z"
    token = {
        "accessToken": "access",
        "expiresAt": end,
        "refreshToken": "refresh",
        "clientId": "client",
        "clientSecret": "secret",
        "registrationExpiresAt": "2099-01-01T00:00:00Z",
        "region": "us-east-1",
        "startUrl": START,
    }
    with open(f"{cache}/{hashlib.sha1(b'corp').hexdigest()}.json", "w") as file:
        json.dump(token, file)
    botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR = cache
    botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR = cache


def first_request(case, folder):
    os.environ.clear()
    os.environ.update({key: value.replace("/t/", f"{folder}/") for key, value in case["environment"].items()})
    os.environ |= {"HOME": folder, "AWS_CONFIG_FILE": f"{folder}/config", "AWS_EC2_METADATA_DISABLED": "true"}
    with open(f"{folder}/config", "w") as file:
        file.write(case["config"].replace("/t/", f"{folder}/"))
    with open(f"{folder}/token", "w") as file:
        file.write("web-token")
    write_token(folder, case["kind"])
    session = botocore.session.Session(profile=case["profile"])
    session.register_component("data_loader", LOADER)
    try:
        if case["kind"] == "s3":
            session.create_client("s3").get_object(Bucket="media", Key="a.txt")
        session.get_credentials().get_frozen_credentials()
    except Sent as sent:
        return sent.args[0]
    except Exception as error:
        print(case["kind"], type(error).__name__, error, file=sys.stderr)
    return None


def result(case):
    folder = tempfile.mkdtemp()
    try:
        request = first_request(case, folder)
    finally:
        shutil.rmtree(folder)
    if request is None:
        return {"url": None}
    body = request.body or b""
    asked = parse_qs(body.decode() if isinstance(body, bytes) else body)
    scope = re.search(rb"Credential=\w+/\d+/([^/]+)/", request.headers.get("Authorization") or b"")
    session = asked.get("RoleSessionName", ["botocore-session-"])[0]
    values = {
        "url": request.url.split("?")[0],
        "region": scope and scope.group(1).decode(),
        "role": asked.get("RoleArn", [None])[0],
        "session": None if session.startswith("botocore-session-") else session,
    }
    return {key: value for key, value in values.items() if value is not None}


cases = [generate() for _ in range(CASES)]
rows = ",\n".join(json.dumps(case | result(case)) for case in cases)
print(f'{{"source": "botocore {botocore.__version__}", "rows": [\n{rows}\n]}}')
