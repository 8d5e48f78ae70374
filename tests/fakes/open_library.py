"""A fake of Open Library: serves the documents that a test gives it, with the rules of the real one."""

import asyncio
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Canned:
    """A response, byte for byte."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Document = Record | Canned | Sequence[Record | Canned]
"""What a path serves: a record, a canned response, or several responses in turn, the last of them repeatedly."""

NOT_FOUND = Canned(404, b"<!DOCTYPE html>\n<title>Page Not Found | Open Library</title>", {"Content-Type": "text/html"})
FORBIDDEN = Canned(403, b"<html><title>403 Forbidden</title></html>", {"Content-Type": "text/html"})
SEARCH = "/search.json"
CONTACT_SIGNS = ("@", "http", "bot", "spider", "crawl", "google")

ASKED = web.AppKey("asked", list[str])
"""The path of every request, in the order of arrival."""

QUERIES = web.AppKey("queries", list[dict[str, str]])
"""What every search asked for, in the order of arrival."""

AGENTS = web.AppKey("agents", set[str])
"""The User-Agent of every request."""

_MIN_QUERY_CHARS = 3
_DEFAULT_FIELDS = frozenset({"key", "title", "author_name", "first_publish_year", "cover_i", "language"})
_DOCUMENTS = web.AppKey("documents", Mapping[str, Document])
_LATENCY = web.AppKey("latency", float)


def open_library_app(documents: Mapping[str, Document], *, latency: float = 0) -> web.Application:
    """Serves `documents` by path (`/works/OL1W.json`), each response after `latency` seconds.

    `/isbn/{isbn}.json` redirects to the edition that stores exactly that string, unless the path itself is given.
    Callers whose User-Agent names no contact get 403; paths without a document get the 404 page. `/search.json` returns
    of each document only the fields that the query names, and 422 for a `q` of less than three characters.
    """
    application = web.Application()
    application[ASKED] = []
    application[QUERIES] = []
    application[AGENTS] = set()
    application[_DOCUMENTS] = documents
    application[_LATENCY] = latency
    application.router.add_get("/{path:.*}", _answer)
    return application


def book_documents(
    *, isbn: str, title: str, author: str, contents: Sequence[str] = (), **more: Any
) -> dict[str, Document]:
    """The edition, the work and the author of one book in English; `more` goes into the edition."""
    number = int(isbn[3:12])
    edition = {
        "key": f"/books/OL{number}M",
        "type": {"key": "/type/edition"},
        "title": title,
        "isbn_13": [isbn],
        "languages": [{"key": "/languages/eng"}],
        "works": [{"key": f"/works/OL{number}W"}],
        "table_of_contents": [{"level": 0, "label": "", "title": chapter, "pagenum": ""} for chapter in contents],
        **more,
    }
    work = {
        "key": f"/works/OL{number}W",
        "type": {"key": "/type/work"},
        "title": title,
        "authors": [{"author": {"key": f"/authors/OL{number}A"}, "type": {"key": "/type/author_role"}}],
    }
    author_record = {"key": f"/authors/OL{number}A", "type": {"key": "/type/author"}, "name": author}
    return {f"{record['key']}.json": record for record in (edition, work, author_record)}


def search_result(*works: Record) -> dict[str, Any]:
    """What `/search.json` answers; each work is a document as the search index has it."""
    return {"numFound": len(works), "start": 0, "numFoundExact": True, "docs": list(works)}


async def _answer(request: web.Request) -> web.Response:
    earlier = request.app[ASKED].count(request.path)
    request.app[ASKED].append(request.path)
    await asyncio.sleep(request.app[_LATENCY])
    agent = request.headers.get("User-Agent", "")
    request.app[AGENTS].add(agent)
    if not any(sign in agent.lower() for sign in CONTACT_SIGNS):
        return _response(FORBIDDEN)
    document = _find(request.app[_DOCUMENTS], request.path, earlier)
    return _response(_searched(request, document) if request.path == SEARCH else document)


def _searched(request: web.Request, document: Record | Canned) -> Record | Canned:
    query = dict(request.query)
    request.app[QUERIES].append(query)
    if len(query.get("q", "the title")) < _MIN_QUERY_CHARS:
        return Canned(422, b'{"detail": [{"msg": "Query too short, must be at least 3 characters"}]}')
    if isinstance(document, Canned) or not isinstance(document.get("docs"), list):
        return document
    named = {name.partition(".")[0] for name in query.get("fields", "").split(",") if name}
    fields = named or _DEFAULT_FIELDS
    works = [_only(work, fields) for work in document["docs"]]
    return {**document, "docs": works[: int(query.get("limit", 100))]}


def _only(work: Any, fields: Container[str]) -> Any:
    return {name: work[name] for name in work if name in fields} if isinstance(work, Mapping) else work


def _find(documents: Mapping[str, Document], path: str, earlier: int) -> Record | Canned:
    if path in documents:
        document = documents[path]
        responses = [document] if isinstance(document, Mapping | Canned) else document
        return responses[min(earlier, len(responses) - 1)]
    if path.startswith("/isbn/"):
        return _redirect(documents, path.removeprefix("/isbn/").removesuffix(".json"))
    return NOT_FOUND


def _redirect(documents: Mapping[str, Document], isbn: str) -> Canned:
    for path, document in documents.items():
        stored = [*document.get("isbn_13", ()), *document.get("isbn_10", ())] if isinstance(document, Mapping) else []
        if isbn in stored:
            return Canned(302, headers={"Location": path})
    return NOT_FOUND


def _response(document: Record | Canned) -> web.Response:
    if isinstance(document, Canned):
        return web.Response(status=document.status, body=document.body, headers=document.headers)
    return web.json_response(document)
