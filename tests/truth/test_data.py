"""The hand-made data on which passages and canaries are measured: well-formed, and what its README says."""

import json
import re
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from bookbytes_pipeline.epub.reader import read_epub
from bookbytes_pipeline.sample.epub import sample_epub

DATA = Path(__file__).parent / "labelled"
CANARY = DATA / "canary"

WORDS = {"whale": (1300, 1900), "beagle": (1300, 1900), "muehle": (700, 1000)}
PAIRS = {"whale": 20, "beagle": 20, "muehle": 10, "sample": 24}

ONLY_IN_ORIGINAL = ("Lindqvist", "Tolmen", "Varn", "Hesk", "Aalby", "Brandt", "Moll", "Holm", "Asper", "Rurik", "1897")
ONLY_IN_CHANGED = ("Reiss", "Brenwick", "Orrel", "Skarrow", "Korsund", "Sandow", "Quist", "Frey", "Hedlund", "1903")


def chapters() -> dict[str, str]:
    """The text of every chapter that a pair may name."""
    own = {path.stem: path.read_text("utf-8") for path in sorted((DATA / "chapters").iterdir())}
    sample = read_epub(BytesIO(sample_epub())).chapters
    return own | {f"sample:{chapter.number}": chapter.text for chapter in sample}


def read(path: Path) -> list[dict[str, Any]]:
    """The objects in the JSON file at `path`."""
    objects: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return objects


def ends_a_sentence(before: str) -> bool:
    """Whether a sentence can start after `before`."""
    return not before or before.endswith("\n\n") or bool(re.search(r"[.!?]”? $", before))


TEXTS = chapters()
GOLD = read(DATA / "gold.json")


@pytest.mark.parametrize("name", WORDS)
def test_chapters_are_plain_text_of_a_real_length(name: str) -> None:
    """Paragraphs of one line each with one blank line between them."""
    text = TEXTS[name]
    low, high = WORDS[name]

    assert low <= len(text.split()) <= high
    assert text.endswith("\n")
    assert all(paragraph == paragraph.strip() != "" for paragraph in text.removesuffix("\n").split("\n\n"))
    assert "\n" not in text.removesuffix("\n").replace("\n\n", "")
    assert not re.search(r"[<>*_#\"']|  ", text)


def test_there_are_enough_pairs() -> None:
    """At least 75 altogether, and of each book what its part requires."""
    counts = Counter(pair["chapter"].split(":")[0] for pair in GOLD)

    assert len(GOLD) >= 75
    assert set(PAIRS) == set(counts)
    assert {book for book, least in PAIRS.items() if counts[book] < least} == set()
    assert len(GOLD) == len({pair["sentence"] for pair in GOLD})


@pytest.mark.parametrize("pair", GOLD, ids=lambda pair: f"{pair['chapter']} {pair['sentence'][:40]}")
def test_every_span_is_a_sentence_of_its_chapter(pair: dict[str, Any]) -> None:
    """An exact substring that stands there once, from the start of a sentence to the end of one."""
    text = TEXTS[pair["chapter"]]

    assert {"chapter", "language", "sentence", "spans"} == set(pair)
    assert ("de" if pair["chapter"] == "muehle" else "en") == pair["language"]
    assert re.fullmatch(r"[A-ZÄÖÜ\d].*\.", pair["sentence"])
    assert pair["sentence"] not in text
    assert pair["spans"]
    for span in pair["spans"]:
        assert 1 == text.count(span)
        assert ends_a_sentence(text[: text.index(span)])
        assert re.search(r"[.!?]”?$", span)
        assert "\n" not in span


@pytest.mark.parametrize("chapter", sorted({pair["chapter"] for pair in GOLD}))
def test_pairs_stand_in_reading_order_and_cover_their_chapter(chapter: str) -> None:
    """A summary goes from the beginning of its chapter to the end."""
    text = TEXTS[chapter]
    places = [[text.index(span) for span in pair["spans"]] for pair in GOLD if pair["chapter"] == chapter]
    firsts = [spans[0] for spans in places]

    assert sorted(firsts) == firsts
    assert all(sorted(spans) == spans for spans in places)
    assert firsts[0] < len(text) * 0.15
    assert firsts[-1] > len(text) * 0.85
    assert len([first for first in firsts if len(text) / 3 < first < len(text) * 2 / 3]) >= 2


def test_the_canary_is_one_chapter_with_other_facts() -> None:
    """As many paragraphs and nearly as many words; no name of the one text occurs in the other."""
    original, changed = (CANARY / "original.txt").read_text("utf-8"), (CANARY / "changed.txt").read_text("utf-8")
    pairs = list(zip(original.split("\n\n"), changed.split("\n\n"), strict=True))

    assert all(900 <= len(text.split()) <= 1300 for text in (original, changed))
    assert all(before != after for before, after in pairs)
    assert [] == [name for name in ONLY_IN_ORIGINAL if name not in original or name in changed]
    assert [] == [name for name in ONLY_IN_CHANGED if name not in changed or name in original]


def test_the_summary_from_memory_contradicts_the_changed_chapter_for_the_most_part() -> None:
    """Names of the original occur in contradictions only, and some contradictions have neither a name nor a number."""
    sentences = read(CANARY / "from_memory.json")
    contradictions = [each["sentence"] for each in sentences if each["contradicts_text"]]
    named = [each for each in sentences if any(name in each["sentence"] for name in ONLY_IN_ORIGINAL)]

    assert 12 <= len(sentences) <= 16
    assert {"sentence", "contradicts_text"} == {key for each in sentences for key in each}
    assert len(sentences) * 0.6 < len(contradictions) < len(sentences)
    assert named
    assert all(each["contradicts_text"] for each in named)
    assert contradictions[-4:] == [each["sentence"] for each in sentences[-4:]]
    assert not any(re.search(r"\d|\w [A-Z]", sentence) for sentence in contradictions[-4:])


def test_the_summary_from_the_text_has_no_fact_of_the_original() -> None:
    """No name of the original; the two summaries share no sentence."""
    sentences = [each["sentence"] for each in read(CANARY / "from_text.json")]

    assert 12 <= len(sentences) == len(set(sentences)) <= 16
    assert not any(name in sentence for name in ONLY_IN_ORIGINAL for sentence in sentences)
    assert not set(sentences) & {each["sentence"] for each in read(CANARY / "from_memory.json")}
