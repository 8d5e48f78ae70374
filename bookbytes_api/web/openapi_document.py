"""The OpenAPI document, with what Litestar cannot say of handlers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar.openapi.spec import OpenAPI

from bookbytes_api.web.error_schemas import PROBLEM_JSON, ErrorResponse, ProblemDetails

_JSON = "application/json"
_SCHEMAS = "#/components/schemas/{name}"


@dataclass
class Document(OpenAPI):
    """Litestar's document, with sentences for summaries, with clips as files, and with both formats of errors."""

    def to_schema(self) -> dict[str, Any]:
        """Return the document as JSON has it."""
        document = super().to_schema()
        for operation in _operations(document):
            operation["summary"] = _first_sentence(operation["description"])
            for response in operation["responses"].values():
                _add_problem_details(response)
                _declare_binary(response)
        _, components = msgspec.json.schema_components([ProblemDetails], ref_template=_SCHEMAS)
        document["components"]["schemas"] |= {"ProblemDetails": components["ProblemDetails"]}
        return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path_item in document["paths"].values():
        yield from (value for value in path_item.values() if isinstance(value, dict) and "operationId" in value)


def _first_sentence(description: str) -> str:
    return description.partition("\n")[0].partition(". ")[0].rstrip(".")


def _declare_binary(response: dict[str, Any]) -> None:
    """Generated clients return text unless told that a body is bytes."""
    for media_type, content in response.get("content", {}).items():
        if media_type.startswith("audio/"):
            content["schema"]["format"] = "binary"


def _add_problem_details(response: dict[str, Any]) -> None:
    """A response has one schema for Litestar; errors are also sent as problem details."""
    content = response.get("content", {})
    if content.get(_JSON, {}).get("schema") == {"$ref": _SCHEMAS.format(name=ErrorResponse.__name__)}:
        content[PROBLEM_JSON] = {"schema": {"$ref": _SCHEMAS.format(name=ProblemDetails.__name__)}}
