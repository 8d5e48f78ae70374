"""Telling prose from the lists around it."""

import pytest

from bookbytes_pipeline.epub.blocks import Block
from bookbytes_pipeline.epub.text_shape import (
    is_about_rights,
    is_list_of_links,
    is_list_of_references,
    is_prose,
    is_thanks,
)

CITATIONS = (
    "Thoreau, Henry D. Walden; or, Life in the Woods. Boston: Ticknor and Fields, 1854.",
    "Harding, W. “The Days of Henry Thoreau.” New England Quarterly 38, no. 2 (1965): 112–130.",
    "Müller, Anna (Hrsg.): Häfen und Bücher. Bd. 3. Hamburg 1998.",
    "Salt, H. S., Life of Henry David Thoreau, London, 1896.",
)
NOTES = (
    "1. The ledger is in the archive of the port, shelf 4.",
    "2. He means the elder clerk, who had left in spring.",
    "3 See chapter two.",
    "[4] Ibid., p. 31.",
)
INDEX = ("anchors, 12, 34–36", "balance, new, 7", "boats: names of, 3, 5–9; repair of, 17", "clerk, 2")
PROSE = (
    "The harbour office kept a ledger of every boat that came in before dawn.",
    "In 1848 the council voted to buy a new balance, and in 1851 it was bought.",
    "“Trust,” the clerk used to say, “is cheaper than a second scale.”",
    "He owned 12 boats, 34 nets and a dog.",
)
JAPANESE_SOURCES = ("山田太郎『港の歴史』岩波書店、1998年。", "鈴木花子「船の帳簿」『海事史研究』第3号、2004年。")
JAPANESE_NOTES = ("（1）帳簿は港の文庫にある。", "注2　年長の書記のことである。", "③ 第二章を見よ。", "[4]同書。")
CHINESE_INDEX = ("船，12，34–36", "书记、2", "港口……7")
RUSSIAN_SOURCES = ("Иванов И. И. История порта. М.: Наука, 1998. 234 с.", "Петрова А. А. Суда и книги. СПб., 2004.")
JAPANESE = ("潮が満ちて船が港を出る。", "書記は帳簿に青いインクで数字を書いた。")
RIGHTS = (
    "Copyright © 2019 by Ann Author",
    "All rights reserved.",
    "ISBN 978-0-306-40615-7",
    "Library of Congress Cataloging-in-Publication Data",
    "For permission to reproduce, write to rights@example.org.",
)


def blocks(*texts: str) -> list[Block]:
    return [Block(text) for text in texts]


@pytest.mark.parametrize("texts", [PROSE, JAPANESE, ("word " * 60,), (*PROSE, CITATIONS[0])])
def test_sentences_are_prose(texts: tuple[str, ...]) -> None:
    assert is_prose(blocks(*texts))


@pytest.mark.parametrize(
    "texts",
    [
        CITATIONS,
        NOTES,
        INDEX,
        JAPANESE_SOURCES,
        JAPANESE_NOTES,
        CHINESE_INDEX,
        RUSSIAN_SOURCES,
        (*CITATIONS, PROSE[0]),
        ("Chapter 1 ........ 7",),
        (),
    ],
)
def test_lists_are_not(texts: tuple[str, ...]) -> None:
    assert not is_prose(blocks(*texts))


def test_headings_and_notes_do_not_count() -> None:
    assert not is_prose([Block(PROSE[0], level=2), Block(PROSE[1], note=True)])


def test_a_page_of_links_is_a_list() -> None:
    links = [Block("In This Book", level=2), *(Block(f"The {n}th chapter", linked=15) for n in range(30))]

    assert is_list_of_links(links)
    assert not is_list_of_links(links[:4])
    assert not is_list_of_links([Block(text, linked=5) for text in PROSE * 2])


@pytest.mark.parametrize("texts", [CITATIONS, INDEX, JAPANESE_SOURCES, CHINESE_INDEX])
def test_citations_and_index_lines_are_references(texts: tuple[str, ...]) -> None:
    entries = blocks(*texts) * 5

    assert is_list_of_references(entries)
    assert is_list_of_references([*entries, Block(PROSE[0])])
    assert not is_list_of_references([*entries, *blocks(*PROSE) * 3])
    assert not is_list_of_references(entries[:9])


@pytest.mark.parametrize("texts", [PROSE, ("1. The sea is all that is the case.",), ("“Where, in 1848?”", "“Here.”")])
def test_aphorisms_and_dialogue_are_no_references(texts: tuple[str, ...]) -> None:
    assert not is_list_of_references(blocks(*texts) * 20)


def test_rights_and_thanks_are_told_by_their_words() -> None:
    thanks = ("I thank my editor.", "I am grateful to the port, and to the clerk.", "Many thanks to all.")

    assert is_about_rights(blocks(*RIGHTS))
    assert not is_about_rights(blocks(*PROSE, "Published in 1848, it was read."))
    assert is_thanks(blocks(*thanks))
    assert not is_thanks(blocks(*PROSE, "“Thank you,” he said."))
    assert not is_thanks(blocks(*thanks, "word " * 2_000))
