"""Writes media_types.json: the extensions of Python's mimetypes with their types, without files of the system.

python3 media_types.py > media_types.json

Made with Python 3.11, whose table has 149 extensions. django-storages takes media types from this table.
"""
import json
import mimetypes

types = mimetypes.MimeTypes(filenames=()).types_map[True]
print("[\n" + ",\n".join(json.dumps([extension[1:], types[extension]]) for extension in sorted(types)) + "\n]")
