"""ISBNs in requests: text that the handler parses."""

from typing import Annotated

from litestar.params import KwargDefinition, PathParameter

from bookbytes_pipeline.sample.epub import SAMPLE_ISBN

_SCHEMA = {"format": "isbn", "examples": [SAMPLE_ISBN]}
"""The example is the ISBN of the sample book, whose text every new BookBytes has."""
_DESCRIPTION = "ISBN-10 or ISBN-13, with or without hyphens."

ISBNText = Annotated[str, KwargDefinition(description=_DESCRIPTION, schema_extra=_SCHEMA)]
ISBNTextInPath = Annotated[str, PathParameter(description=_DESCRIPTION, schema_extra=_SCHEMA)]
