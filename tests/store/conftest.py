"""The same store in a folder and in a bucket."""

from pathlib import Path

import pytest

from bookbytes_pipeline.settings import load_settings
from bookbytes_pipeline.store.store import Store, open_store
from tests.s3 import S3Server

KINDS = ("folder", "bucket")


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of each kind."""
    if request.param == "folder":
        return open_store(load_settings(bookbytes_home=tmp_path).store_config)
    server: S3Server = request.getfixturevalue("s3")
    return open_store(load_settings(bookbytes_home=tmp_path, **server.settings()).store_config)
