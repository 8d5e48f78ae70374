"""Books that no other test uses, and scripted providers that know them."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from aiohttp import web

from tests.cli_runner import KEY
from tests.fakes.open_library import Document, book_documents, open_library_app
from tests.fakes.openai_api import Canned, OpenAIApi
from tests.fakes.server import serving

CHAPTERS = 3
_ISBNS = count(1)


class Model(OpenAIApi):
    """A language model that holds back its answers about the titles in `held_titles`."""

    def __init__(self) -> None:
        super().__init__(KEY, longest=30)
        self.held_titles: set[str] = set()

    async def _complete(self, request: web.Request) -> web.Response:
        prompt = (await request.json())["messages"][-1]["content"]
        while any(title in prompt for title in self.held_titles):  # noqa: ASYNC110 - another thread releases them
            await asyncio.sleep(0.02)
        return await super()._complete(request)

    def asked_about(self, title: str) -> int:
        """Return how many questions about this title were answered or refused."""
        return sum(title in request["messages"][-1]["content"] for request in self.requests)


@dataclass
class Book:
    """A book that the catalogue and the model know. Its title and those of its chapters are unique."""

    isbn: str
    title: str
    chapters: tuple[str, ...]


@dataclass
class Books:
    """A catalogue and a language model; `addresses` are the environment variables for them."""

    addresses: Mapping[str, str]
    model: Model
    documents: dict[str, Document]

    @property
    def settings_values(self) -> dict[str, str]:
        """The addresses by the names of the settings."""
        return {name.lower(): value for name, value in self.addresses.items()}

    def book(self) -> Book:
        """Add a new book."""
        number = next(_ISBNS)
        title = f"Volume {number} of the River"
        book = Book(isbn_of(number), title, tuple(f"Bend {bend} of {title}" for bend in range(1, CHAPTERS + 1)))
        documents = book_documents(
            isbn=book.isbn, title=title, author="Ada Ford", contents=book.chapters, number_of_pages=90
        )
        self.documents.update(documents)
        return book

    @contextmanager
    def held(self, title: str) -> Iterator[None]:
        """Hold back the model's answers about this title until the block ends."""
        self.model.held_titles.add(title)
        try:
            yield
        finally:
            self.model.held_titles.discard(title)

    def refuse(self, chapter: str) -> None:
        """Make the model refuse the next question about this chapter permanently."""
        error = {"error": {"message": "no", "type": "invalid_request_error", "code": "content_policy_violation"}}
        self.model.script.append(Canned(400, error, when=chapter))


@contextmanager
def books(model: Model | None = None) -> Iterator[Books]:
    """Run the providers until the block ends; answers that are held back are released then."""
    documents: dict[str, Document] = {}
    model = model or Model()
    with serving(open_library_app(documents)) as catalogue, serving(model.application()) as writing:
        addresses = {
            "OPENLIBRARY_BASE_URL": catalogue,
            "LLM_PROVIDER": "openai",
            "OPENAI_BASE_URL": f"{writing}/v1",
            "OPENAI_API_KEY": KEY,
            "BOOK_SUMMARY": "false",  # tests hold back, refuse and count the questions about chapters
        }
        try:
            yield Books(addresses, model, documents)
        finally:
            model.held_titles.clear()


def isbn_of(number: int) -> str:
    """Return the ISBN-13 with this number before its check digit."""
    body = f"978{number:09d}"
    return body + str(-sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(body)) % 10)
