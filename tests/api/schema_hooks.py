"""What Schemathesis has to be told: our formats, and that each of its requests comes from another address."""

from typing import Any

import schemathesis
from hypothesis import strategies as st

from bookbytes_pipeline.domain.isbn import isbn_10
from tests.api.addresses import HEADER, new_address


def _with_check_digit(body: str) -> str:
    return body + str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10)


_DIGITS = st.integers(1, 10**9 - 1).map(lambda number: f"{number:09d}")
_ISBN_13 = _DIGITS.map(lambda body: _with_check_digit(f"978{body}"))
_NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=6, max_size=20)

schemathesis.openapi.format("isbn", st.one_of(_ISBN_13, _ISBN_13.map(isbn_10)))
schemathesis.openapi.format("email", _NAMES.map(lambda name: f"{name}@example.org"))


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case, kwargs: Any) -> None:  # noqa: ARG001 - Schemathesis names them
    """A reverse proxy tells the address: people's attempts to log in are counted by it."""
    case.headers = {**(case.headers or {}), HEADER: new_address()}


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:  # noqa: ARG001 - as above
    """Schemathesis leaves tokens away, and makes some up, where the scheme is `http`; here it is `oauth2`."""
    schemes = raw_schema["components"]["securitySchemes"]
    schemes["BearerToken"] = {"type": "http", "scheme": "bearer"}
