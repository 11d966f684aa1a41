"""Runs Django's collectstatic with django-storages, and tells what it did, as JSON on the last line.

What to do is read from the standard input, as JSON: folders, endpoint, bucket, accessKey, secretKey, location, what
("collect", or "urls" with names).
"""

import io
import json
import sys
import time

import django
from django.conf import settings

asked = json.load(sys.stdin)

settings.configure(
    INSTALLED_APPS=["django.contrib.staticfiles"],
    STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
    STATICFILES_DIRS=asked.get("folders", []),
    STATICFILES_STORAGE="storages.backends.s3boto3." + asked.get("storage", "S3ManifestStaticStorage"),
    STATIC_URL="/static/",
    AWS_STORAGE_BUCKET_NAME=asked["bucket"],
    AWS_S3_ENDPOINT_URL=asked["endpoint"],
    AWS_ACCESS_KEY_ID=asked["accessKey"],
    AWS_SECRET_ACCESS_KEY=asked["secretKey"],
    AWS_S3_REGION_NAME="us-east-1",
    AWS_LOCATION=asked.get("location", ""),
    USE_TZ=True,
)
django.setup()

from django.contrib.staticfiles.storage import staticfiles_storage  # noqa: E402
from django.core.management import call_command  # noqa: E402

requests = {}


def count(request, **_):
    requests[request.method] = requests.get(request.method, 0) + 1


def answer():
    if asked["what"] == "urls":
        return {"urls": {name: staticfiles_storage.url(name) for name in asked["names"]}}
    out = io.StringIO()
    begun = time.perf_counter()
    cpu = time.process_time()
    staticfiles_storage.connection.meta.client.meta.events.register("before-send.s3", count)
    call_command("collectstatic", interactive=False, stdout=out, verbosity=1)
    return {
        "milliseconds": (time.perf_counter() - begun) * 1000,
        "cpuMilliseconds": (time.process_time() - cpu) * 1000,
        "summary": out.getvalue().strip(),
        "requests": requests,
        "paths": staticfiles_storage.hashed_files,
    }


print(json.dumps(answer()))
