"""ISBNs as people send them."""

from typing import Annotated

import msgspec
from litestar.params import PathParameter

_DESCRIPTION = "ISBN-10 or ISBN-13, with or without hyphens."

ISBN = Annotated[
    str, msgspec.Meta(min_length=10, max_length=64, description=_DESCRIPTION, extra_json_schema={"format": "isbn"})
]
ISBNInPath = Annotated[
    str,
    PathParameter(min_length=10, max_length=64, description=_DESCRIPTION, schema_extra={"format": "isbn"}),
]
