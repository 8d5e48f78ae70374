"""The two versions of OPDS in which the catalogue is written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ExceptionHandlersMap

from bookbytes_api.opds import version_1, version_2
from bookbytes_api.opds.catalogue import Feed, Publication
from bookbytes_api.opds.responses import ASKING_FOR_TOKEN, SENDING_AUTHENTICATION
from bookbytes_api.web.error_responses import error_responses


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version of OPDS: how its documents are written, and what they are called.

    `feed` and `publication` are media types without parameters, which `feed_type` and `publication_type` have.
    """

    path: str
    name: str
    feed: str
    publication: str
    publication_type: str
    feed_type: Callable[[Feed], str]
    write_feed: Callable[[Feed, str], bytes]
    write_publication: Callable[[Publication, str], bytes]
    exception_handlers: ExceptionHandlersMap
    unauthorized: dict[int, ResponseSpec]


OPDS_1 = Version(
    path=version_1.PATH,
    name="opds1",
    feed=version_1.ATOM,
    publication=version_1.ATOM,
    publication_type=version_1.ENTRY,
    feed_type=version_1.feed_type,
    write_feed=version_1.write_feed,
    write_publication=version_1.write_publication,
    exception_handlers=ASKING_FOR_TOKEN,
    unauthorized={},
)
OPDS_2 = Version(
    path=version_2.PATH,
    name="opds2",
    feed=version_2.FEED,
    publication=version_2.PUBLICATION,
    publication_type=version_2.PUBLICATION,
    feed_type=lambda _feed: version_2.FEED,
    write_feed=version_2.write_feed,
    write_publication=version_2.write_publication,
    exception_handlers=SENDING_AUTHENTICATION,
    unauthorized={401: ResponseSpec(dict[str, Any], media_type=version_2.AUTHENTICATION, generate_examples=False)},
)


def documented(
    media_type: str, *errors: int, unauthorized: dict[int, ResponseSpec] | None = None
) -> dict[int, ResponseSpec]:
    """Return what the OpenAPI document says of a route that answers with a document, or with one of these errors."""
    body = dict[str, Any] if media_type.endswith("+json") else bytes
    document = ResponseSpec(body, media_type=media_type, generate_examples=False, description="The document")
    unchanged = ResponseSpec(None, description="The copy with this ETag is still valid")
    return {200: document, 304: unchanged, **error_responses(400, 401, 503, *errors), **(unauthorized or {})}
