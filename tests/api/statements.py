"""The statements that requests run, apart from those of the API's background work."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import event

from bookbytes_api.app import services_of
from tests.api.client import Api


@contextmanager
def statements_of_requests(api: Api, *beginnings: str) -> Iterator[list[str]]:
    """The statements from tables whose names begin like that, until the block ends; not those of the reconciler."""
    engine = services_of(api.app).database.engine
    recorded: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        of_request = "request_id" in structlog.contextvars.get_contextvars()
        if of_request and any(f"FROM {beginning}" in statement for beginning in beginnings):
            recorded.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield recorded
    finally:
        event.remove(engine, "before_cursor_execute", note)
