"""ISBNs in requests: text that the handler parses."""

from typing import Annotated

from litestar.params import KwargDefinition, PathParameter

_DESCRIPTION = "ISBN-10 or ISBN-13, with or without hyphens."

ISBNText = Annotated[str, KwargDefinition(description=_DESCRIPTION, schema_extra={"format": "isbn"})]
ISBNTextInPath = Annotated[str, PathParameter(description=_DESCRIPTION, schema_extra={"format": "isbn"})]
