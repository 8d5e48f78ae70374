"""Response times of searches in a library of 100,000 books, on SQLite and on PostgreSQL.

`make bench` runs it. The books are made of invented words: one is in half of the titles, one in half of the summaries,
others in a handful.
"""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import accumulate, islice, product
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import httpx
from alembic import command
from alembic.config import Config
from sqlalchemy import NullPool, create_engine, insert

from benchmarks.serving import serving
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.db.migrations import REVISIONS
from bookbytes_pipeline.library.models import BookRow, ChapterRow
from tests.api.client import free_port, offline_settings
from tests.cli_runner import offline
from tests.dagster_stack.books import isbn_of
from tests.postgres import postgres_server

BOOKS, CHAPTERS, WORDS = 100_000, 2, 12
"""Chapters of a book, and words of a summary."""
BATCH = 5_000
ROOT = Path(__file__).parents[1]
BEFORE = REVISIONS[REVISIONS.index("0009") - 1]
"""The version of the tables that has no search index."""
REQUESTS, WARM_UP = 40, 5
"""For each query, and how many of them do not count."""
LIMITS_MS = {"SQLite": 150, "PostgreSQL": 50}
SYLLABLES = [a + b for a in "bdfgklmnprst" for b in ("a", "e", "i", "o", "u", "an", "er", "il", "os")]
VOCABULARY = list(map("".join, islice(product(SYLLABLES, repeat=3), 30_000)))
FREQUENCIES = list(accumulate(1 / rank for rank in range(10, 30_010)))
"""As in languages: few words are in most books, most words in few."""
RARE = BOOKS // 10
"""A word of its own is in the title of every so many books."""
QUERIES = {
    "a word in half of the titles": "history",
    "a short word in half of the titles": "the",
    "two such words": "the history",
    "the last of their pages": "history&page=2500",
    "a word in half of the summaries": "chapter",
    "a word in all books": "and",
    "part of a word in many titles": "sto",
    "one letter": "e",
    "a rare word": "zymurgy",
    "a rare and a common word": "zymurgy the",
    "no match": "quixotry",
}


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder, postgres_server() as server, server.database() as postgresql:
        print(f"\n{f'GET /books?q= of {BOOKS:,} books, milliseconds':<50}{'found':>10}{'median':>9}{'p95':>7}")
        for name, url in (("SQLite", f"sqlite:///{folder}/library.db"), ("PostgreSQL", postgresql)):
            _fill(name, url)
            _search(name, Path(folder) / name, url)


def _search(name: str, home: Path, url: str) -> None:
    port, code_server = free_port(), free_port()
    settings = offline_settings(home, url, port=port, dagster_grpc_port=code_server)
    env = offline(home, DATABASE_URL=url, PORT=str(port), DAGSTER_GRPC_PORT=str(code_server))
    with serving(settings, env) as server:
        for label, query in QUERIES.items():
            _measure(f"{name}: {label}", server.client, f"/api/v1/books?q={query}", LIMITS_MS[name])
        for query in ("history", "chapter", "zymurgy"):
            _measure(f"{name}: GET /search?q={query}", server.client, f"/api/v1/search?q={query}", LIMITS_MS[name])


def _measure(label: str, client: httpx.Client, path: str, limit: int) -> None:
    times = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        answer = client.get(path).raise_for_status()
        times.append((time.perf_counter() - began) * 1000)
    counted = sorted(times[WARM_UP:])
    median, p95 = counted[len(counted) // 2], counted[ceil(len(counted) * 0.95) - 1]
    print(f"{label:<50}{answer.json()['total']:>10,}{median:>9.1f}{p95:>7.1f}  (limit {limit})", flush=True)


def _fill(name: str, url: str) -> None:
    """Write the books into a library without search, and migrate it."""
    chance = random.Random(14)  # noqa: S311 - the same books each time
    began = time.perf_counter()
    with create_engine(url, poolclass=NullPool).begin() as connection:
        config = Config(toml_file=ROOT / "pyproject.toml")
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
        for first in range(0, BOOKS, BATCH):
            books = [_book(chance, number) for number in range(first, first + BATCH)]
            connection.execute(insert(BookRow), books)
            connection.execute(insert(ChapterRow), [chapter for book in books for chapter in _chapters(chance, book)])
    filled = time.perf_counter()
    with closing(Database(url)) as database, database.migrate():
        ended = time.perf_counter()
    print(f"{name}: {filled - began:.0f} s to fill, {ended - filled:.0f} s to migrate", flush=True)


def _book(chance: random.Random, number: int) -> dict[str, Any]:
    common = (word for word in ("the", "history") if chance.getrandbits(1))
    title = [*common, *_words(chance, 3), *(["zymurgy"] if number % RARE == 0 else [])]
    chance.shuffle(title)
    return {
        "id": UUID(int=chance.getrandbits(128), version=4),
        "isbn": isbn_of(number),
        "title": " ".join(title).capitalize(),
        "author": " ".join(_words(chance, 2)).title(),
        "language": "en",
        "work": f"/works/OL{number}W",
        "contents_source": "epub",
        "recipe": "recipe",
    }


def _chapters(chance: random.Random, book: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    about = ["chapter"] if chance.getrandbits(1) else []
    for number in range(1, CHAPTERS + 1):
        yield {
            "id": UUID(int=chance.getrandbits(128), version=4),
            "book_id": book["id"],
            "chapter_number": number,
            "title": " ".join(_words(chance, 2)).capitalize(),
            "summary": f"{' '.join(_words(chance, WORDS))} and {' '.join(about)}.",
            "grounding": "full_text",
            "word_count": WORDS,
        }


def _words(chance: random.Random, count: int) -> Sequence[str]:
    return chance.choices(VOCABULARY, cum_weights=FREQUENCIES, k=count)


if __name__ == "__main__":
    main()
