"""Finding books and chapters by the words of a query, with the search index.

Results are in groups, the best first: of books those with all words in the title, then those with the rest of them in
the author, then in titles of chapters, then in summaries. A group is asked for only if the page reaches into it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, cast, column, func, literal_column, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from bookbytes_pipeline.domain.search_words import CHAPTER_TITLES, CHAPTERS, TITLE, TITLE_OR_AUTHOR, Word
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.library.search_index import BookSearchRow, ChapterSearchRow
from bookbytes_pipeline.library.search_syntax import FTS5, TSQUERY_SYNTAX, Group

_FEW = 500
"""So many results are sorted. Of more, SQLite goes through the titles in order and looks which are among them."""
_OF_BOOKS = (
    Group(TITLE),
    Group(TITLE_OR_AUTHOR),
    Group(TITLE_OR_AUTHOR, CHAPTER_TITLES),
    Group(TITLE_OR_AUTHOR, CHAPTERS),
)
_OF_CHAPTERS = (Group(None, CHAPTER_TITLES), Group(None, CHAPTERS))
_SETTINGS = text("SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)")
"""PostgreSQL does not know that reading `terms` is slow, and would do without the index for common words."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the ids that were found, in order, and how many there are in all."""

    ids: Sequence[UUID]
    total: int


def find_books(
    session: Session, words: Sequence[Word], *conditions: ColumnElement[bool], latest: bool, offset: int, size: int
) -> Found:
    """Return a page of the books that have every word somewhere, and satisfy `conditions` on `BookRow`.

    Within a group they are sorted by title, as all lists are.
    """
    order = (BookSearchRow.title_key, BookSearchRow.language, BookSearchRow.book_id)
    query = select(BookSearchRow.book_id).order_by(*order)
    if conditions:
        query = query.join(BookRow, BookRow.id == BookSearchRow.book_id).where(*conditions)
    return _Search(session, BookSearchRow, query, latest=latest).page(words, _OF_BOOKS, offset, size)


def find_chapters(session: Session, words: Sequence[Word], *, latest: bool, offset: int, size: int) -> Found:
    """Return a page of the chapters that have every word: first in their titles, else in the order of publication."""
    in_order = ChapterSearchRow.id + 0  # by the index of `id` PostgreSQL would read the terms of every chapter
    query = select(ChapterSearchRow.chapter_id).order_by(in_order)
    return _Search(session, ChapterSearchRow, query, latest=latest).page(words, _OF_CHAPTERS, offset, size)


class _Search:
    """A query of one of the two tables of the index, in a transaction."""

    def __init__(
        self, session: Session, index: type[BookSearchRow | ChapterSearchRow], query: Select[UUID], *, latest: bool
    ) -> None:
        self._session, self._index, self._query, self._latest = session, index, query, latest
        self._on_sqlite = session.get_bind().dialect.name == "sqlite"
        self._syntax = FTS5 if self._on_sqlite else TSQUERY_SYNTAX
        if not self._on_sqlite:
            session.execute(_SETTINGS)

    def page(self, words: Sequence[Word], groups: Sequence[Group], offset: int, size: int) -> Found:
        """Return the page after `offset` results, of `size` at most. Each group contains the one before."""
        wanted = [self._syntax.all_of(words, group) for group in groups]
        total = self._count(wanted[-1]) if words else 0
        ids: list[UUID] = []
        for expression, before in zip(wanted, (None, *wanted), strict=False):
            if offset >= total or len(ids) == size:
                break
            added = self._syntax.without(expression, before) if before else expression
            ids += self._ids(added, total, offset, size - len(ids))
            if offset:
                offset = 0 if ids else offset - self._count(added)
        return Found(ids, total)

    def _count(self, expression: str) -> int:
        everything = self._matches(expression) if self._is_plain else self._narrowed(expression).order_by(None)
        return self._session.scalar(select(func.count()).select_from(everything.subquery())) or 0

    def _ids(self, expression: str, total: int, offset: int, size: int) -> Sequence[UUID]:
        if self._on_sqlite and self._index is ChapterSearchRow:  # FTS5 itself finds them in this order
            rows = self._matches(expression).order_by("rowid").offset(offset).limit(size)
            return self._session.scalars(self._query.where(self._index.id.in_(rows))).all()
        query = self._narrowed(expression, in_order=total > _FEW)
        return self._session.scalars(query.offset(offset).limit(size)).all()

    @property
    def _is_plain(self) -> bool:
        """Whether SQLite can count with FTS5 alone."""
        return self._on_sqlite and len(self._query.get_final_froms()) == 1 and self._query.whereclause is None

    def _narrowed(self, expression: str, *, in_order: bool = False) -> Select[UUID]:
        if self._on_sqlite:
            row = self._index.id.op("+")(0) if in_order else self._index.id  # a sum is looked up in no index
            return self._query.where(row.in_(self._matches(expression)))
        query = self._query.where(self._index.terms.bool_op("@@")(cast(expression, TSQUERY)))
        return query.where(self._index.latest.is_(True)) if self._latest else query

    def _matches(self, expression: str) -> Select[int]:
        name = f"{self._index.__tablename__}_terms"
        rows = select(column("rowid", Integer)).select_from(table(name))
        return rows.where(
            literal_column(name).op("MATCH")(f"({expression}) AND latest" if self._latest else expression)
        )
