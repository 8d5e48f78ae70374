"""Ids of operations in the OpenAPI document, for routes that answer GET and HEAD alike."""

from collections.abc import Callable

from litestar import HttpMethod


def operation_id(name: str) -> Callable[[object, object, object], str]:
    """Return what names each of the two, `get_<name>` and `head_<name>`: every id is unique in the document."""
    return lambda _handler, method, _path: f"{'head' if method == HttpMethod.HEAD else 'get'}_{name}"
