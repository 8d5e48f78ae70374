"""Hooks for Schemathesis: our string formats, and a new client address for each of its requests."""

from typing import Any

import schemathesis
from hypothesis import strategies as st

from bookbytes_pipeline.domain.isbn import isbn_10
from tests.api.addresses import HEADER, new_address
from tests.dagster_stack.books import isbn_of

_ISBN_13 = st.integers(1, 10**9 - 1).map(isbn_of)
_NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=6, max_size=20)

schemathesis.openapi.format("isbn", st.one_of(_ISBN_13, _ISBN_13.map(isbn_10)))
schemathesis.openapi.format("email", _NAMES.map(lambda name: f"{name}@example.org"))


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case, kwargs: Any) -> None:  # noqa: ARG001 - Schemathesis names them
    """Set the address as a reverse proxy does: login attempts are counted per address."""
    case.headers = {**(case.headers or {}), HEADER: new_address()}


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:  # noqa: ARG001 - as above
    """Schemathesis omits tokens, and makes some up, only where the scheme is `http`; here it is `oauth2`."""
    schemes = raw_schema["components"]["securitySchemes"]
    schemes["BearerToken"] = {"type": "http", "scheme": "bearer"}
