"""The offline model that quotes sentences of a chapter."""

import asyncio
import subprocess
import sys

import pytest

from bookbytes_pipeline.domain.errors import Refused
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.models.extractive import ExtractiveModel, extract

PLACES = ("harbour", "market", "mill", "school", "chapel", "bridge", "orchard", "quarry", "station", "library")
TRADES = ("fisher", "baker", "miller", "teacher", "pastor", "mason", "gardener", "digger", "porter", "reader")
ENDINGS = ("arlo", "elim", "inta", "orva", "usk", "amde", "erril", "isto", "onk", "uvel", "aspe", "egra", "ilno")


def sentence(number: int) -> str:
    place, trade = PLACES[number % 10], TRADES[number // 10 % 10]
    return f"In year {number} the {trade} of the old town walked along the {place} and counted {number} grey stones."


def chapter(sentences: int) -> str:
    paragraphs = [" ".join(map(sentence, range(start, start + 5))) for start in range(0, sentences, 5)]
    return "\n\n".join(paragraphs)


def request(text: str, name: str = "chapter_summary", words: int = 100, language: str = "en") -> WritingRequest:
    return WritingRequest(name, "Summarise.", "What happens?", {}, text, words, language)


def positions_in(summary: str, text: str) -> list[int]:
    return [text.index(part) for part in summary.replace("\n\n", " ").replace(". ", ".\n").split("\n")]


def test_sentences_are_quoted_in_their_order() -> None:
    """The summary consists of the chapter's own sentences, in the order of the book."""
    text = chapter(200)

    positions = positions_in(extract(text, 475, "en"), text)

    assert sorted(positions) == positions


@pytest.mark.parametrize("words", [100, 200, 475])
def test_the_summary_has_about_the_requested_length(words: int) -> None:
    """A long chapter is cut down to the requested words: at most a twentieth more, at most a tenth less."""
    assert 0.9 * words <= len(extract(chapter(400), words, "en").split()) <= 1.05 * words


@pytest.mark.parametrize("sentences", [10, 20])
def test_every_part_of_a_chapter_is_quoted(sentences: int) -> None:
    """The summary quotes the beginning, the middle and the end, even if only one of them has a theme."""
    strange = [" ".join(letter + end for end in ENDINGS).capitalize() + "." for letter in "bcdfghjklmnpqrstvwxz"]
    text = "\n\n".join([*strange[:10], *map(sentence, range(sentences)), *strange[10:]])

    thirds = {3 * position // len(text) for position in positions_in(extract(text, 64, "en"), text)}

    assert thirds == {0, 1, 2}


def test_sentences_have_a_readable_length() -> None:
    """Sentences of less than 12 or more than 35 words are skipped if others have as much content."""
    abrupt = "The fisher counted grey stones there in {}."
    aside = ", and all of the other people came out of their houses to see what it was that they were doing there"
    text = "\n\n".join(
        f"{sentence(number)} {abrupt.format(number)} {sentence(number)[:-1]}{aside}." for number in range(100, 130)
    )

    summary = extract(text, 200, "en").replace("\n\n", " ")

    assert {len(sentence(100).split())} == {len(part.split()) for part in summary.split(". ")}


def test_the_first_sentence_of_a_paragraph_is_preferred() -> None:
    """Of sentences with the same content, the first of the paragraph is chosen."""
    text = "\n\n".join(
        " ".join([sentence(number), sentence(number)[:-1] + " of the old town."]) for number in range(100, 130)
    )

    assert "stones of the old" not in extract(text, 150, "en")


def test_nothing_is_quoted_twice() -> None:
    """The content of a chosen sentence is not repeated by another, however often the chapter repeats it."""
    refrain = "Every year the people of the old town walked to the {} and counted all of the grey stones."
    text = "\n\n".join(
        f"{refrain.format(place)} {sentence(number)} {sentence(number + 50)}" for number, place in enumerate(PLACES)
    )

    assert extract(text, 100, "en").count("Every year") == 1


def test_the_answer_matches_the_request() -> None:
    """The answer says that the chapter is known, costs nothing and has paragraphs."""
    answer = asyncio.run(ExtractiveModel().write(request(chapter(100))))

    expected = Answer({"known": True, "summary": extract(chapter(100), 100, "en")}, "sumy-textrank", TokenUsage())
    assert answer == expected
    assert "\n\n" in answer.content["summary"]


def test_a_short_text_is_returned_whole() -> None:
    """A chapter that is no longer than its summary is unchanged, except for line breaks and hidden characters."""
    assert (
        extract("A wrapped\nline with soft\u00adness.\n\n\n Next. ", 100, "en")
        == "A wrapped line with softness.\n\nNext."
    )


@pytest.mark.parametrize(
    "debris",
    [
        "THE HISTORY OF THE OLD TOWN AND OF ALL ITS PEOPLE",
        "The many trades and places of the old town, with their numbers",
        "1. The first of the many things that one could buy with pocket money",
        "… and so on, until the whole of the town had heard of them.",
        "• Another of the many things that one could buy at the harbour.",
        "See https://town.example for all of the stones and all of their many names.",
        "Write to mayor@town.example about all of the stones and all of their many names.",
        "Who has counted all of the stones of the old town and remembers their names?",
        "It ended well.",
        "and so the whole town came out to look at the stones in the rain.",
        "The mayor said “I have never seen so many grey stones in one place.",
        "Stones 12 14 16 18 20 22 24 26 28 30 32 34 36.",
        "Chapter the first .......... 12 and chapter the second .......... 34.",
        "O stones, that lie along the shore,\nO stones, that were not there before,\nYou were the fairest that I saw.",
        " ".join(["The town, which lay by the sea,", *["which was grey, as the stones were,"] * 12, "slept."]),
    ],
)
def test_unreadable_passages_are_skipped(debris: str) -> None:
    """Headings, lists, addresses, questions, fragments, numbers, verse and overlong sentences are never quoted."""
    summary = extract(f"{debris}\n\n{chapter(20)}\n\n{debris}", 320, "en")

    assert debris.rsplit(maxsplit=1)[-1] not in summary.split()
    assert len(summary.split()) > 200


@pytest.mark.parametrize(
    ("language", "opening"),
    [
        ("en", "However,"),
        ("en", "When they came,"),
        ("en", "“My friends,” all of the people cried,"),
        ("de-AT", "Dennoch"),
        ("de-AT", "Als sie kamen,"),
    ],
)
def test_every_sentence_is_independent(language: str, opening: str) -> None:
    """A sentence that refers to another one or quotes speech is not chosen while there are others."""
    dependent = f"{opening} the fisher of the old town walked along the harbour and counted grey stones"
    text = "\n\n".join(f"{dependent} in year {number}. {sentence(number)}" for number in range(100, 130))

    assert opening not in extract(text, 150, language)


def test_abbreviations_do_not_end_sentences() -> None:
    """A sentence with an abbreviation is quoted completely."""
    spoken = "Dr. Smith of the U.S. Navy met the fisher, the baker, etc. at 5 p.m. near the bridge."

    assert spoken in extract(f"{spoken} {' '.join([spoken.replace('Dr. Smith', 'He')] * 3)}", 20, "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "今天天气很好我们一起去公园里散步看到了许多花和树。" * 3 + "孩子们在湖边玩耍而老人们坐在长椅上聊天。" * 3,
            "zh-Hant",
        ),
        ("今日は天気がいいので、みんなで公園へ散歩に行きました。子供たちは湖のそばで遊んでいました。" * 3, "ja"),
        ("วันนี้อากาศดีเราจึงไปเดินเล่นที่สวนสาธารณะด้วยกันและเห็นดอกไม้มากมาย " * 5, "th"),
        ("오늘은 날씨가 좋아서 우리는 함께 공원에 산책을 갔고 많은 꽃을 보았다. " * 5, "ko"),
        ("यह एक बहुत ही सुन्दर दिन था और हम सब एक साथ बाग़ में घूमने गए। " * 5, "hi"),
        ("ذهبنا اليوم جميعا إلى الحديقة الكبيرة ورأينا هناك الكثير من الأزهار الجميلة. " * 5, "ar"),
        ("word " * 500, "en"),
        ("The same few words again and again and again. " * 50, "tlh"),
        ("Roses are red,\nviolets are blue.\n\n" * 30, ""),
        ("Yes. No. Why? " * 40, "en"),
        ("12 + 30 = 42\n\n" * 40, "en"),
    ],
)
def test_every_text_has_a_summary(text: str, language: str) -> None:
    """Whatever the script, the language or the kind of text, some of it is quoted, and not all of it."""
    summary = extract(text, 20, language)

    assert 0 < len(summary) < len(text)


def test_very_frequent_words_have_no_weight() -> None:
    """In a language without a list of stop words, the words of every fifth sentence count as stop words."""
    empty = "Het is in de stad en het is ook in de stad dat het zo is."
    telling = [
        f"Het is de {trade} die in de stad een {place} ziet en dat ook zegt."
        for trade in TRADES
        for place in PLACES[:3]
    ]

    assert empty not in extract(" ".join([*telling[:15], empty, *telling[15:]]), 150, "nl")


def test_few_words_in_many_sentences_are_handled() -> None:
    """A text of more sentences than words is shortened without a warning of the library."""
    text = " ".join(f"Time and again {'very ' * turns}late she came home." for turns in range(1, 40))

    assert 0 < len(extract(text, 50, "en").split()) < 120


def test_the_same_text_has_the_same_summary_in_every_process() -> None:
    """Python's random order of sets does not affect the summary."""
    code = "import sys; from bookbytes_pipeline.providers.models.extractive import extract; "
    code += "sys.stdout.write(extract(sys.stdin.read(), 100, 'en'))"

    def summary_with(seed: str) -> str:
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}
        command = [sys.executable, "-c", code]
        return subprocess.run(
            command, input=chapter(150), env=environment, capture_output=True, text=True, check=True
        ).stdout

    assert summary_with("1") == summary_with("2")


@pytest.mark.parametrize("refused", [request(chapter(5), name="chapter_list"), request(""), request("\n * * * \n")])
def test_a_request_without_text_is_refused(refused: WritingRequest) -> None:
    """Other requests and empty chapters are refused, and the message says what would help."""
    with pytest.raises(Refused, match="EPUB"):
        asyncio.run(ExtractiveModel().write(refused))
