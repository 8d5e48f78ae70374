"""What printed pages leave in a text, and Project Gutenberg's own words."""

import pytest

from bookbytes_pipeline.epub.blocks import Block, PageText
from bookbytes_pipeline.epub.gutenberg import without_gutenberg
from bookbytes_pipeline.epub.print_layout import without_print_layout


def mended(*paragraphs: str) -> list[str]:
    page = PageText(tuple(Block(text) for text in paragraphs), {})
    return [block.text for text in without_print_layout([page]) for block in text.blocks]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("a remark- able ledger", "a remarkable ledger"),
        ("Pebbles and shi- ngle lay", "Pebbles and shingle lay"),
        ("two- and three-masted", "two- and three-masted"),
        ("vor- und nachher", "vor- und nachher"),
        ("the Anglo- Saxon kings", "the Anglo-Saxon kings"),
        ("a well- known tale, well told, of a known man", "a well-known tale, well told, of a known man"),
        ("he said - then he left", "he said - then he left"),
        ("every [Pg 12]basket", "every basket"),
        ("the seed {99}grew", "the seed grew"),
        ("bas[Pg 12]kets", "baskets"),
        ("He wrote [Pg and no number] so", "He wrote [Pg and no number] so"),
        ("as shown [12] there", "as shown [12] there"),
    ],
)
def test_words_and_page_marks(text: str, whole: str) -> None:
    assert [whole] == mended(text)


def test_page_numbers_and_running_heads_inside_sentences_go() -> None:
    paragraphs: list[str] = []
    for number in range(11, 17):
        paragraphs += [
            "The clerk wrote the figure of each and every",
            str(number),
            "LEDGERS OF THE STRAIT",
            "basket in ink.",
        ]

    assert ["The clerk wrote the figure of each and every basket in ink."] * 6 == mended(*paragraphs)


@pytest.mark.parametrize(
    "paragraphs",
    [
        ["The first day was long.", "1", "The second was not.", "2", "And then.", "3", "It rained.", "4", "All night."],
        ["“No,” he said.", "“Yes.”", "“No.”", "“Yes.”", "“No.”", "“Yes.”", "“No.”", "“Yes.”"],
        [f"anchors, {number}, {number + 3}" for number in range(12)],
        ["Roses are red", "Violets are blue", "Sugar is sweet", "And so are you"] * 3,
    ],
)
def test_numbered_parts_dialogue_lists_and_verse_stay(paragraphs: list[str]) -> None:
    assert paragraphs == mended(*paragraphs)


def test_printed_lines_are_sentences_again() -> None:
    lines = [
        "The ferry left the harbour at dawn and came",
        "back at dusk. Nobody in the village had seen",
        "the keeper.",
    ]

    assert [" ".join(lines)] * 5 == mended(*(lines * 5))


@pytest.mark.parametrize(
    ("initial", "text", "whole"),
    [
        ("W", "inter came early.", ["Winter came early."]),
        ("T", "HE HARBOUR was old.", ["THE HARBOUR was old."]),
        ("A", "man came, and a man left.", ["A man came, and a man left."]),
        ("A", "fter the rain he came.", ["After the rain he came."]),
        ("B", "balance, a scale of two pans", ["B", "balance, a scale of two pans"]),
        ("I", "It was the first part of all.", ["I", "It was the first part of all."]),
    ],
)
def test_an_initial_in_its_own_box_begins_the_word(initial: str, text: str, whole: list[str]) -> None:
    assert whole == mended(initial, text)


def test_numbers_of_verses_go() -> None:
    lines = [
        f"And so the ship went on {number}" if not number % 5 else "And so the ship went on" for number in range(1, 21)
    ]

    assert ["And so the ship went on"] * 20 == mended(*lines)


def test_a_chapter_is_not_joined_with_the_one_before() -> None:
    paragraphs = ("It went on", "12", "and on", "13", "and on", "14", "and on", "15", "and")
    page = PageText(tuple(map(Block, paragraphs)), {"c": 8})

    text = without_print_layout([page])[0]

    assert ["It went on and on and on and on", "and"] == [block.text for block in text.blocks]
    assert {"c": 1} == text.anchors


def test_anchors_follow_their_paragraphs() -> None:
    page = PageText(tuple(map(Block, ("W", "inter came early.", "[Pg 12]", "It was cold."))), {"a": 0, "b": 2, "c": 3})

    text = without_print_layout([page])[0]

    assert {"a": 0, "b": 1, "c": 1} == text.anchors
    assert ["Winter came early.", "It was cold."] == [block.text for block in text.blocks]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("*** START OF THE PROJECT GUTENBERG EBOOK LEDGERS ***", "*** END OF THE PROJECT GUTENBERG EBOOK LEDGERS ***"),
        ("***START OF THIS PROJECT GUTENBERG EBOOK***", "End of the Project Gutenberg EBook of Ledgers"),
        ("*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*", "End of Project Gutenberg's Ledgers, by A."),
        ("The Project Gutenberg eBook, of Ledgers", "*** START: FULL LICENSE ***"),
    ],
)
def test_header_and_licence_of_project_gutenberg_go(start: str, end: str) -> None:
    first = PageText(tuple(map(Block, ("The Project Gutenberg EBook", start, "One.", "Two."))), {"x": 3})
    last = PageText(tuple(map(Block, ("Three.", end, "Updated editions will replace this."))), {})
    licence = PageText((Block("The full Project Gutenberg License"),), {})

    texts = without_gutenberg([first, last, licence])

    assert [["One.", "Two."], ["Three."], []] == [[block.text for block in text.blocks] for text in texts]
    assert {"x": 1} == texts[0].anchors


def test_a_book_about_project_gutenberg_is_not_cut() -> None:
    page = PageText(tuple(map(Block, ("He founded Project Gutenberg.", "It was free."))), {})

    assert [page] == list(without_gutenberg([page]))
