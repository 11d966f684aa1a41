"""Fills in what Django and PHP find in the forms of part_headers.json.

python3 part_headers.py < part_headers.json > filled_in.json

Made with Django 3.2.25 and PHP 8.2.36 (php-cgi) of Debian 12. Each result lists the fields as `name=value` and the files as
`name: "file name"`, with the content in parentheses if it is not `hi`. PHP's file name is `full_path`, without its own
removal of folders. The test in tests/clients checks the results of the other programs.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile

import django
from django.conf import settings

settings.configure(
    DEFAULT_CHARSET="utf-8",
    FILE_UPLOAD_HANDLERS=["django.core.files.uploadhandler.MemoryFileUploadHandler"],
)
django.setup()
from django.test import RequestFactory  # noqa: E402

PHP = """<?php
$found = [];
foreach ($_POST as $name => $value) $found[] = ["$name", $value];
foreach ($_FILES as $name => $file) {
  $found[] = ["$name", $file["full_path"], $file["error"] ? "error " . $file["error"] : file_get_contents($file["tmp_name"])];
}
echo base64_encode(json_encode($found, JSON_INVALID_UTF8_SUBSTITUTE));
"""


def field(name, value):
    return f"{name}={value}"


def file(name, file_name, content):
    return f"{name}: {json.dumps(file_name, ensure_ascii=False)}" + ("" if content == "hi" else f" ({content})")


def with_django(form):
    try:
        request = RequestFactory().generic("POST", "/", form["body"].encode("latin1"), content_type=form["type"])
        found = [field(name, value) for name, values in request.POST.lists() for value in values]
        for name, files in request.FILES.lists():
            found += [file(name, one.name, one.read().decode("utf8", "replace")) for one in files]
        return ", ".join(found) or "nothing"
    except Exception:
        return "refused"


def with_php(form, script):
    body = form["body"].encode("latin1")
    env = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": form["type"].encode("latin1"),
        "CONTENT_LENGTH": str(len(body)),
        "SCRIPT_FILENAME": script,
        "REDIRECT_STATUS": "200",
        "PATH": os.environ["PATH"],
    }
    output = subprocess.run(["php-cgi", "-q"], input=body, stdout=subprocess.PIPE, env=env, check=True).stdout
    found = json.loads(base64.b64decode(output.split(b"\n")[-1]))
    return ", ".join(field(*one) if len(one) == 2 else file(*one) for one in found) or "nothing"


forms = json.load(sys.stdin)
with tempfile.TemporaryDirectory() as folder:
    script = os.path.join(folder, "form.php")
    with open(script, "w") as out:
        out.write(PHP)
    for form in forms:
        form["django"] = with_django(form)
        form["php"] = with_php(form, script)
print("[\n" + ",\n".join(json.dumps(form, ensure_ascii=False) for form in forms) + "\n]")
