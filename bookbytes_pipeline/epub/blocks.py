"""The text of a page: paragraphs and headings, and the places at which it can be cut."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bookbytes_pipeline.domain.words import count_words


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or heading on one line.

    `level` is 1 to 6 for a heading, 0 for a paragraph. `kinds` are the types of everything it stands in; `note` marks
    the body of a footnote. `linked` counts the letters inside links. `display` is true for a paragraph
    that stands out like a heading: all of it bold, centred, or of a class named for a title. `item` is true in a list.
    """

    text: str
    level: int = 0
    kinds: frozenset[str] = frozenset()
    note: bool = False
    linked: int = 0
    display: bool = False
    item: bool = False

    @property
    def words(self) -> int:
        """How many words stand here."""
        return count_words(self.text)


@dataclass(frozen=True, slots=True)
class PageText:
    """The blocks of one page; `anchors` gives for an id the number of the block that begins there.

    `guessed_encoding` is true if nothing said truly how the letters of the page are encoded. `language` is what the
    page says it is in, empty if nothing.
    """

    blocks: tuple[Block, ...]
    anchors: dict[str, int]
    guessed_encoding: bool = False
    language: str = ""

    def block_of(self, fragment: str) -> int | None:
        """Return the index of the block that `fragment` names, 0 if it is empty; None if there is none."""
        return self.anchors.get(fragment) if fragment else 0

    def regrouped(self, groups: Sequence[tuple[Sequence[int], Block]]) -> "PageText":
        """Return the page with new blocks, each instead of some old ones in order; anchors follow their blocks."""
        new = len(groups)
        places = [new] * (len(self.blocks) + 1)
        for number, (members, _) in enumerate(groups):
            for member in members:
                places[member] = number
        for index in range(len(self.blocks) - 1, -1, -1):
            places[index] = min(places[index], places[index + 1])
        anchors = {name: places[index] for name, index in self.anchors.items()}
        return replace(self, blocks=tuple(block for _, block in groups), anchors=anchors)
