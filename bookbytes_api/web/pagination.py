"""Pages of lists."""

from typing import Annotated, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

ItemT = TypeVar("ItemT")

PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000, description="Page number, starting at 1.")]
PageSize = Annotated[int, QueryParameter(name="size", ge=1, le=100, description="Items per page.")]


class Page(msgspec.Struct, Generic[ItemT], frozen=True):
    """A page of a list: `page` starts at 1, `total` counts all items, `size` is the maximum per page."""

    items: list[ItemT]
    total: int
    page: int
    size: int
