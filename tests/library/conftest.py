"""A library for the tests of this folder."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from bookbytes_pipeline.db.database import Library


@pytest.fixture
def library(database_url: str) -> Iterator[Library]:
    """An empty library, on each kind of database."""
    with closing(Library(database_url)) as opened:
        yield opened
