"""The OpenAPI document, with what Litestar cannot say of handlers, and as generators of clients understand it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar.openapi.spec import OpenAPI

from bookbytes_api.web.access import IN_ADDRESS_SCHEMES, NO_AUTH_SECURITY
from bookbytes_api.web.error_schemas import PROBLEM_JSON, ErrorResponse, ProblemDetails

_JSON = "application/json"
_BINARY = ("audio/", "image/jpeg", "application/zip", "application/lpf+zip", "application/audiobook+zip")
_SCHEMAS = "#/components/schemas/{name}"

Security = list[dict[str, list[str]]]


@dataclass
class Document(OpenAPI):
    """Litestar's document, with sentences for summaries, clips as files, and both formats of errors."""

    def to_schema(self) -> dict[str, Any]:
        """Return the document as JSON has it."""
        document = super().to_schema()
        for operation in _operations(document):
            operation["summary"] = _first_sentence(operation["description"])
            operation["security"] = _security(operation.get("security"), document["security"])
            for response in operation["responses"].values():
                _add_problem_details(response)
                _declare_binary(response)
        for schema in document["components"]["schemas"].values():
            _separate_null(schema)
        _, components = msgspec.json.schema_components([ProblemDetails], ref_template=_SCHEMAS)
        document["components"]["schemas"] |= {"ProblemDetails": components["ProblemDetails"]}
        return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path_item in document["paths"].values():
        yield from (value for value in path_item.values() if isinstance(value, dict) and "operationId" in value)


def _first_sentence(description: str) -> str:
    return description.partition("\n")[0].partition(". ")[0].rstrip(".")


def _security(of_route: Security | None, of_document: Security) -> Security:
    """Generated clients want a token where an operation has any security, and none where it relies on the document."""
    if of_route == NO_AUTH_SECURITY:
        return []
    if of_route and all(requirement.keys() <= IN_ADDRESS_SCHEMES for requirement in of_route):
        return of_document + of_route
    return of_document if of_route is None else of_route


def _declare_binary(response: dict[str, Any]) -> None:
    """Generated clients take a body for text unless told that it is bytes."""
    for media_type, content in response.get("content", {}).items():
        if media_type.startswith(_BINARY):
            content["schema"]["format"] = "binary"


def _separate_null(schema: dict[str, Any]) -> None:
    """Generated clients make a type for the enum of strings, and another one for the null that is in it."""
    for name, field in schema.get("properties", {}).items():
        if None in field.get("enum", []):
            values = [value for value in field["enum"] if value is not None]
            schema["properties"][name] = {"oneOf": [{"type": "string", "enum": values}, {"type": "null"}]}


def _add_problem_details(response: dict[str, Any]) -> None:
    """A response has one schema for Litestar; errors are also sent as problem details."""
    content = response.get("content", {})
    if content.get(_JSON, {}).get("schema") == {"$ref": _SCHEMAS.format(name=ErrorResponse.__name__)}:
        content[PROBLEM_JSON] = {"schema": {"$ref": _SCHEMAS.format(name=ProblemDetails.__name__)}}
