"""Install pip into this environment where Python came without it (Debian's does): its wheel can install itself."""

import hashlib
import json
import runpy
import sys
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

INDEX = "https://pypi.org/pypi/pip/json"

with urlopen(INDEX, timeout=60) as answer:
    wheel = next(file for file in json.load(answer)["urls"] if file["packagetype"] == "bdist_wheel")
with urlopen(urljoin(INDEX, wheel["url"]), timeout=60) as answer:
    content = answer.read()
if hashlib.sha256(content).hexdigest() != wheel["digests"]["sha256"]:
    sys.exit("pip's wheel arrived damaged; try again.")
path = Path(sys.prefix) / wheel["filename"]
path.write_bytes(content)
sys.path.insert(0, str(path))
sys.argv = ["pip", "install", "--quiet", "--disable-pip-version-check", str(path)]
runpy.run_module("pip", run_name="__main__")
