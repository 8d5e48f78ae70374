"""Lists come in pages."""

from typing import Annotated, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

Item = TypeVar("Item")

PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000, description="From 1.")]
PageSize = Annotated[int, QueryParameter(name="size", ge=1, le=100, description="Items on a page.")]


class Page(msgspec.Struct, Generic[Item]):
    """Page `page`, counted from 1, of `total` items, at most `size` on each."""

    items: list[Item]
    total: int
    page: int
    size: int
