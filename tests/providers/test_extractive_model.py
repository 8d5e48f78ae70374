"""The offline model that quotes sentences of a chapter."""

import asyncio
import subprocess
import sys
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookbytes_pipeline.domain.errors import Refused
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.models.extractive import ExtractiveModel, extract
from bookbytes_pipeline.providers.models.sentences import prose_sentences
from bookbytes_pipeline.providers.models.units import quotable_units

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


def test_a_book_is_summarised_like_a_chapter() -> None:
    """The summary of a book quotes the text that comes with the request."""
    answer = asyncio.run(ExtractiveModel().write(request(chapter(100), name="book_summary")))

    assert answer.content["summary"] == extract(chapter(100), 100, "en")


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


LEANING = [
    ("en", "However, the fisher of the old town counted {} grey stones along the harbour."),
    ("en", "When they came, the fisher of the old town counted {} grey stones along the harbour."),
    ("en", "“My friends,” all of the people of the old town cried, “there are {} grey stones along the harbour.”"),
    ("en", "In 1707 he walked through the old town along the harbour and counted {} grey stones."),
    ("en", "In the autumn of year {} it was said in the old town that the fisher walked along the harbour."),
    ("en", "The fisher of the old town counted both of them along the harbour in year {}, stone by grey stone."),
    ("en", "The second kind was counted by the fisher of the old town along the harbour in year {}."),
    ("en", "Machines of this kind counted {} grey stones for the fisher of the old town along the harbour."),
    ("en", "Such machines counted {} grey stones for the fisher of the old town along the harbour."),
    ("en", "Half of them walked through the old town along the harbour and counted {} grey stones."),
    ("en", "One of these walked through the old town along the harbour and counted {} grey stones."),
    ("en", "The first holds the {} grey stones that the fisher of the old town counted along the harbour."),
    ("en", "The former walked through the old town along the harbour and counted {} grey stones."),
    ("en", "Second, the fisher of the old town walked along the harbour and counted {} grey stones."),
    ("en", "In a large one the fisher of the old town walked along the harbour and counted {} grey stones."),
    ("en", "On the other hand, the fisher of the old town walked along the harbour and counted {} grey stones."),
    ("en", "The fisher, therefore, walked through the old town along the harbour and counted {} grey stones."),
    ("en", "The result was that the fisher of the old town walked along the harbour and counted {} grey stones."),
    ("en", "The bigger stones were counted by the fisher of the old town along the harbour in year {}."),
    ("en", "Some were counted by the fisher of the old town along the harbour in year {}, stone by grey stone."),
    ("en", "At that time the fisher of the old town walked along the harbour and counted {} grey stones."),
    ("de-AT", "Dennoch zählte der Fischer der alten Stadt {} graue Steine am Hafen."),
    ("de-AT", "Als sie kamen, zählte der Fischer der alten Stadt {} graue Steine am Hafen."),
    ("de", "Die zweite Art zählte der Fischer der alten Stadt am Hafen, {} graue Steine."),
    ("de", "Die Hälfte davon zählte der Fischer der alten Stadt am Hafen, {} graue Steine."),
    ("de", "Der Fischer der alten Stadt zählte mit Maschinen dieser Art {} graue Steine am Hafen."),
    ("fr", "La seconde espèce fut comptée par le pêcheur de la vieille ville, {} pierres grises du port."),
    ("fr", "Plusieurs d'entre eux comptèrent dans la vieille ville {} pierres grises du port."),
    ("fr", "Lorsqu’il vint, le pêcheur de la vieille ville compta {} pierres grises du port."),
    ("es", "El segundo tipo fue contado por el pescador de la ciudad vieja, {} piedras grises del puerto."),
    ("es", "La mitad de ellos contó en la ciudad vieja {} piedras grises del puerto."),
    ("it", "Il secondo tipo fu contato dal pescatore della città vecchia, {} pietre grigie del porto."),
    ("it", "La metà di essi contò nella città vecchia {} pietre grigie del porto."),
]


@pytest.mark.parametrize(("language", "leaning"), LEANING)
def test_sentences_that_lean_on_what_is_not_there_stay_out(language: str, leaning: str) -> None:
    """A sentence that opens a paragraph and refers to an earlier one is not chosen while there are others."""
    openings = [leaning.format(number) for number in range(100, 130)]
    text = "\n\n".join(f"{opening} {sentence(number)}" for number, opening in enumerate(openings, 100))

    summary = extract(text, 150, language)

    assert not [opening for opening in openings if opening in summary]


@pytest.mark.parametrize(("language", "leaning"), LEANING)
def test_a_sentence_brings_the_one_that_it_leans_on(language: str, leaning: str) -> None:
    """A sentence that refers to the one before it is quoted right after that one."""
    pairs = [(f"Fisher number {number} came along.", leaning.format(number)) for number in range(100, 130)]

    summary = extract("\n\n".join(map(" ".join, pairs)), 150, language)

    assert [end for _, end in pairs if end in summary]
    assert all(f"{start} {end}" in summary for start, end in pairs if end in summary)


def test_something_is_named_with_the_sentence_that_introduces_it() -> None:
    """`The watch` comes with the sentence of its paragraph that has `a watch`."""
    introduced = "Year {} saw a small watch on the harbour."
    named = "For the watch the fisher of the old town gave the {} grey stones that he had counted along the harbour."
    text = "\n\n".join(f"{introduced.format(number)} {named.format(number)}" for number in range(100, 130))

    summary = extract(text, 150, "en")

    assert "For the watch" in summary
    assert summary.count("harbour. For the watch") == summary.count("For the watch")


def test_no_sentence_leans_on_more_than_two() -> None:
    """The fourth sentence of a chain cannot be quoted: so much of a chapter in one piece is no summary."""
    chain = (
        f"{sentence(100)} He had rope in the old harbour. He had salt in the old mill. He counted all of the stones."
    )

    assert quotable_units(prose_sentences(chain, "en"), "en") == [range(1), range(2), range(3)]


def test_lists_come_with_what_announces_them() -> None:
    """A sentence that promises kinds is quoted with all of them, and they with it."""
    kinds = (
        "In year {} the old town had two kinds of grey stones. One lay along the harbour. The other lay in the mill."
    )
    text = "\n\n".join(f"{kinds.format(number)} {sentence(number)}" for number in range(100, 130))

    summary = extract(text, 150, "en")

    assert "two kinds" in summary
    assert summary.count("two kinds") == summary.count("One lay") == summary.count("The other lay")


@pytest.mark.parametrize(
    ("language", "announcement"),
    [
        ("en", "In year {} the fisher of the old town counted these grey stones along the harbour:"),
        ("en", "In year {} the fisher of the old town counted two kinds of grey stones."),
        ("de", "Im Jahr {} zählte der Fischer der alten Stadt zwei Arten von Steinen."),
        ("fr", "L'an {} le pêcheur de la vieille ville compta deux sortes de pierres."),
        ("es", "En el año {} el pescador de la ciudad vieja contó dos clases de piedras."),
        ("it", "Nell'anno {} il pescatore della città vecchia contò due specie di pietre."),
    ],
)
def test_an_announcement_without_its_list_stays_out(language: str, announcement: str) -> None:
    """Where a paragraph is the promise of a list, the promise is not quoted."""
    promises = [announcement.format(number) for number in range(100, 130)]
    text = "\n\n".join(f"{promise}\n\n{sentence(number)}" for number, promise in enumerate(promises, 100))

    summary = extract(text, 150, language)

    assert not [promise for promise in promises if promise in summary]


def test_a_question_comes_with_its_answer() -> None:
    """What follows a question is quoted right after it: it answers."""
    question = (
        "Who of the old town counted {0} stones? Fishers of the old town counted {0} grey stones along the harbour."
    )
    text = "\n\n".join(question.format(number) for number in range(100, 130))

    summary = extract(text, 150, "en")

    assert summary.count("Who of") == summary.count("Fishers of") > 1


def test_speech_that_goes_on_is_not_quoted() -> None:
    """The second sentence of somebody's speech has no quotation marks of its own, and is still not the author's."""
    speech = "The mayor said: “Grey stones are ours. In year {} the old town counted all along the harbour. So be it."
    text = "\n\n".join(f"{speech.format(number)}\n\n{sentence(number)}" for number in range(100, 130))

    assert "counted all along" not in extract(text, 150, "en")


@pytest.mark.parametrize(
    ("language", "aside"),
    [
        ("en", "The fisher of the old town counted {} grey stones along the harbour (see the end of this chapter)."),
        ("en", "As we saw in chapter 2, the fisher of the old town counted {} grey stones along the harbour."),
        ("en", "Figure 3 shows the fisher of the old town with {} grey stones along the harbour."),
        ("en", "Turn to page 40 for the fisher of the old town and the {} grey stones along the harbour."),
        ("en", "In this chapter we will count the {} grey stones of the fisher along the harbour of the old town."),
        ("en", "We shall return to the fisher of the old town and the {} grey stones along the harbour."),
        ("en", "The fisher of the old town counted {} grey stones along the harbour, as described above."),
        ("de", "Der Fischer der alten Stadt zählte {} graue Steine am Hafen (siehe Kapitel 2)."),
        ("de", "Am Ende dieses Kapitels zählt der Fischer der alten Stadt {} graue Steine am Hafen."),
        ("fr", "Comme nous l’avons vu, le pêcheur de la vieille ville compta {} pierres grises du port."),
        ("es", "El pescador de la ciudad vieja contó {} piedras grises del puerto (véase la página 40)."),
        ("it", "Il pescatore della città vecchia contò {} pietre grigie del porto (vedi figura 3)."),
    ],
)
def test_the_book_does_not_speak_of_itself(language: str, aside: str) -> None:
    """Instructions to a reader and references to chapters, pages and figures are not quoted, nor what leans on them."""
    asides = [aside.format(number) for number in range(100, 130)]
    text = "\n\n".join(
        f"{aside} This is so in every town. {sentence(number)}" for number, aside in enumerate(asides, 100)
    )

    summary = extract(text, 150, language)

    assert "This is so" not in summary or language != "en"
    assert not [aside for aside in asides if aside in summary]


def test_the_first_and_the_last_paragraph_weigh_more() -> None:
    """More is quoted of the first and of the last paragraph than of others that say as much."""
    text = chapter(60)
    summary = extract(text, 250, "en")

    first, *middle, last = (
        sum(f"{part.rstrip('.')}." in summary for part in paragraph.split(". ")) for paragraph in text.split("\n\n")
    )

    assert min(first, last) > max(middle)


def test_sentences_about_the_subject_weigh_more() -> None:
    """Where nothing else is repeated, a sentence with the chapter's most frequent words is chosen."""
    aside = [
        " ".join(first + second + end for end in ENDINGS).capitalize() + "." for first in "bdf" for second in "aeiou"
    ]
    telling = "Stones of the old grey town outlast zinnias, yarrow, wisteria, verbena, thistles, sorrel and rue."

    summary = extract(
        "\n\n".join([*map(sentence, range(15)), *aside[:9], telling, *aside[9:], *map(sentence, range(15, 30))]),
        90,
        "en",
    )

    assert telling in summary


def test_paragraphs_follow_those_of_the_chapter() -> None:
    """Sentences of a paragraph stay together; those of two are parted."""
    first, second = chapter(10).split("\n\n")
    filler = " ".join("Who of the old town can say so, or would have said so then?" for _ in range(12))

    summary = extract(f"{first} {filler}\n\n{filler} {filler}\n\n{second}", 185, "en")

    assert [paragraph in first for paragraph in summary.split("\n\n")] == [True, False]


@pytest.mark.parametrize("words", [150, 475])
@pytest.mark.parametrize("per_paragraph", [1, 5, 400])
def test_paragraphs_have_a_length_for_the_ear(per_paragraph: int, words: int) -> None:
    """No paragraph is a single sentence or longer than forty seconds, whatever the chapter has."""
    text = "\n\n".join(
        " ".join(map(sentence, range(start, start + per_paragraph))) for start in range(0, 400, per_paragraph)
    )

    lengths = [len(paragraph.split()) for paragraph in extract(text, words, "en").split("\n\n")]

    assert 35 <= min(lengths) <= max(lengths) <= 110


@given(
    st.lists(
        st.lists(st.sampled_from([*(form for _, form in LEANING), "S", "S", "S"]), min_size=1, max_size=6),
        min_size=3,
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_every_sentence_stands_in_the_text(forms: list[list[str]]) -> None:
    """Whatever the text, its summary consists of whole sentences of it, word for word and in order."""
    numbers = count(100)
    paragraphs = [
        [sentence(next(numbers)) if form == "S" else form.format(next(numbers)) for form in paragraph]
        for paragraph in forms
    ]
    text = "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)
    rest = " ".join(extract(text, max(20, len(text.split()) // 3), "en").split())

    for quoted in (part for paragraph in paragraphs for part in paragraph):
        rest = rest.removeprefix(quoted).lstrip()

    assert rest == ""


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
