"""How a query of the search index is written for FTS5 and for PostgreSQL.

No term has a character that means anything to either, so nothing is escaped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bookbytes_pipeline.domain.search_words import Word, is_short, term


@dataclass(frozen=True, slots=True)
class Group:
    """Where each word has to be: as a whole in one field, or in pieces in another."""

    whole: str | None
    pieces: str | None = None


@dataclass(frozen=True, slots=True)
class Syntax:
    """The operators, and how terms are written that are looked up whole, and by how they begin."""

    both: str
    either: str
    but_not: str
    exact: str
    prefix: str

    def all_of(self, words: Sequence[Word], group: Group) -> str:
        """Return the query for what has every word."""
        return self.both.join(self._one(word, group) for word in words)

    def without(self, wanted: str, unwanted: str) -> str:
        """Return the query for what matches the one and not the other."""
        return f"({wanted}){self.but_not}({unwanted})"

    def _one(self, word: Word, group: Group) -> str:
        ways = [self._term(group.whole, word.whole)] if group.whole else []
        if group.pieces and (word.pieces or not ways):
            pieces = word.pieces or (word.whole,)
            ways.append(f"({self.both.join(self._term(group.pieces, piece) for piece in pieces)})")
        return f"({self.either.join(ways)})"

    def _term(self, field: str, text: str) -> str:
        return (self.exact if is_short(text) else self.prefix).format(term(field, text))


FTS5 = Syntax(" AND ", " OR ", " NOT ", '"{}"', '"{}" *')
TSQUERY_SYNTAX = Syntax(" & ", " | ", " & !", "'{}'", "'{}':*")
