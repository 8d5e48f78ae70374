"""Names of operations."""

from collections.abc import Callable

from litestar import HttpMethod


def operation_id(what: str) -> Callable[[object, object, object], str]:
    """Return what names the operation of each method: every id is unique in the OpenAPI document."""
    return lambda _handler, method, _path: f"{'head' if method == HttpMethod.HEAD else 'get'}_{what}"
