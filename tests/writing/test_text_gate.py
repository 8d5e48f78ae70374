"""The text gate: what is found in a summary, and what is left in peace."""

import pytest

from bookbytes_pipeline.domain.evidence import SentenceEvidence, Span
from bookbytes_pipeline.writing.text_gate import Draft, faults_in

GOOD = (
    "The river rises in the hills above the town, where nobody has ever found its spring. For centuries the people of "
    "the valley believed that it came from a lake under the mountain. A surveyor called Amsel proved them wrong: he "
    "poured a barrel of dye into a sinkhole on the far side of the ridge and waited. Four days later the water at the "
    "mill turned green. The miller lost a week of work and never forgave him, but the map was corrected. Since then "
    "the villages on both sides have shared what they used to fight over, because each knows that the other drinks "
    "from the same source."
)
FIRST_HALF = (
    "Below the mill it runs through meadows that are flooded every spring. The farmers cross them in flat boats and "
    "complain, and then they harvest twice as much hay as anybody else in the county. When the railway came, its "
    "engineers wanted to straighten the bed, and the farmers sued them until they gave up."
)
GERMAN = (
    "Der Fluss entspringt in den Hügeln über der Stadt, wo noch niemand seine Quelle gefunden hat. Jahrhundertelang "
    "glaubten die Leute im Tal, er komme aus einem See unter dem Berg. Ein Feldmesser bewies das Gegenteil: Er "
    "goss ein Fass Farbe in ein Loch auf der anderen Seite des Kamms und wartete. Vier Tage später "
    "war das Wasser an der Mühle grün. Der Müller verlor eine Woche Arbeit und verzieh es ihm nie."
)
FRENCH = (
    "La rivière prend sa source dans les collines au-dessus de la ville, où personne ne l'a jamais trouvée. "
    "Pendant des siècles, les gens de la vallée ont cru qu'elle venait d'un lac sous la montagne. "
    "Un arpenteur leur a donné tort : "
    "il a versé un tonneau de teinture dans un gouffre de l'autre côté de la crête, puis il a attendu."
)
JAPANESE = (
    "川は町の上の丘に源を発するが、その泉を見つけた者はいない。谷の人々は何百年もの間、山の下の湖から流れてくると信じていた。"
    "ある測量士がそれを覆した。尾根の向こうの穴に染料を流し込んで待ったのである。四日後、水車小屋の水が緑色になった。"
)
PROMPT = "You write summaries of book chapters that people listen to instead of reading. Aim for 95 words."


def checks(text: str, words: int = 95, language: str = "en", **more: object) -> set[str]:
    """Return the names of the checks that find something."""
    known: dict[str, object] = {
        "source": "x",
        "titles": ("On Rivers", "Ada Ford", "Springs"),
        "instructions": PROMPT,
        **more,
    }
    return {fault.check for fault in faults_in(Draft(text, words, language, **known))}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "words", "language"),
    [
        pytest.param(GOOD, 95, "en", id="English"),
        pytest.param(GERMAN, 75, "de", id="German"),
        pytest.param(GERMAN, 75, "de-AT", id="German of Austria"),
        pytest.param(FRENCH, 70, "fr", id="French"),
        pytest.param(JAPANESE, 55, "ja", id="Japanese"),
        pytest.param(f"I can't forget that river. {GOOD}", 95, "en", id="a narrator who cannot"),
        pytest.param(f"Sorry was all he said. {GOOD}", 95, "en", id="a narrator who is sorry"),
        pytest.param(
            f"{GOOD} He spoke 300 words a minute, and wrote 40 words a day.", 95, "en", id="words and numbers"
        ),
        pytest.param(f"{GOOD} “It is the same river!”", 95, "en", id="an end in quotes"),
        pytest.param(f"{GOOD} (That is the end.)", 95, "en", id="an end in brackets"),
        pytest.param(f"The chapter opens with a flood. {GOOD}", 95, "en", id="a chapter that opens"),
        pytest.param("A spring.", 1, "en", id="a chapter of three words"),
        pytest.param("The river rises in the hills.", 10, "en", id="a chapter of a paragraph"),
    ],
)
def test_a_good_summary_passes(text: str, words: int, language: str) -> None:
    """In any language, of any length, with words that only look like a fault."""
    assert set() == checks(text, words, language)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", "without_words", id="nothing"),
        pytest.param("… 12 — !", "without_words", id="no letters"),
        pytest.param("The BookBytes authors", "title_only", id="the author"),
        pytest.param("Springs, by Ada Ford", "title_only", id="title and author"),
        pytest.param("I'm sorry, but I can't summarise this text.", "refusal", id="an apology"),
        pytest.param("Es tut mir leid, das kann ich nicht zusammenfassen.", "refusal", id="an apology in German"),
        pytest.param("DRAFT: write about 160 words here", "next_to_nothing", id="a placeholder"),
        pytest.param("The river rises in the hills. " * 48, "next_to_nothing", id="one sentence 48 times"),
    ],
)
def test_what_is_not_worth_hearing_is_fatal(text: str, found: str) -> None:
    """There is nothing in it of the chapter, so nothing else about it matters."""
    titles = (
        ("How Things Keep Time", "The BookBytes authors", "Shadows") if "authors" in text else ("Springs", "Ada Ford")
    )
    faults = faults_in(Draft(text, 475, "en", titles, PROMPT, source="x"))

    assert (found, True) == (faults[0].check, all(fault.fatal for fault in faults))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(GOOD[:120] + ".", "wrong_length", id="a fifth of what was asked"),
        pytest.param(f"{GOOD} {FIRST_HALF} {GOOD} {FIRST_HALF}", "wrong_length", id="three times as much"),
        pytest.param(GOOD[:-40], "cut_off", id="the middle of a sentence"),
        pytest.param(GERMAN + " " + GERMAN[:90] + ".", "other_language", id="German"),
        pytest.param(f"{GOOD} {'He waited and waited for it. ' * 3}", "repetition", id="a sentence three times"),
        pytest.param(
            GOOD[:150] + " and the river and the hills and the town" * 12 + ".", "repetition", id="a phrase all over"
        ),
        pytest.param(f"Here is the summary of the chapter: {GOOD}", "talk_about_itself", id="an announcement"),
        pytest.param(f"Sure! {GOOD}", "talk_about_itself", id="a politeness"),
        pytest.param(f"{GOOD} (Word count: 95)", "talk_about_itself", id="a word count"),
        pytest.param(f"{GOOD} (95 words)", "talk_about_itself", id="a number of words"),
        pytest.param(f"{GOOD} As an AI, I cannot drink.", "talk_about_itself", id="an AI"),
        pytest.param(
            f"In this chapter, the author discusses rivers. {GOOD}", "talk_about_itself", id="in this chapter"
        ),
        pytest.param(f"The author discusses rivers. {GOOD}", "talk_about_itself", id="the author discusses"),
        pytest.param(f"{GOOD} {PROMPT}", "echo", id="the instructions"),
        pytest.param(f"{GOOD} </im_end/>", "leftover_markup", id="a mark of a template"),
        pytest.param(f'{{"summary": "{GOOD}"}}.', "leftover_markup", id="JSON"),
        pytest.param(f"{GOOD} <p>", "leftover_markup", id="HTML"),
    ],
)
def test_a_fault_is_found(text: str, found: str) -> None:
    """Each by the check of its name, and nothing of it is fatal."""
    faults = faults_in(Draft(text, 95, "en", ("Springs",), PROMPT, source="x"))

    assert found in {fault.check for fault in faults}
    assert not any(fault.fatal for fault in faults)


@pytest.mark.parametrize(("text", "language"), [(FRENCH, "de"), (GERMAN, "fr"), (JAPANESE, "en")])
def test_a_summary_in_another_language_is_found(text: str, language: str) -> None:
    """Whatever the two are; the sentence names both."""
    assert "other_language" in checks(text, 70, language)


@pytest.mark.parametrize(("words", "found"), [(26, True), (25, False)])
def test_what_is_copied_from_the_chapter_is_found(words: int, *, found: bool) -> None:
    """More than 25 words in a row, whatever stands around them."""
    copied = " ".join(GOOD.split()[:words])

    assert found == ("copied" in checks(f"So it goes: {copied} and more. {GERMAN}", source=f"Before. {GOOD}"))


def test_what_is_copied_is_found_without_spaces() -> None:
    """Fifty characters in a row are 25 words."""
    assert "copied" in checks(JAPANESE, 55, "ja", source=JAPANESE)
    assert "copied" not in checks(JAPANESE, 55, "ja", source=JAPANESE[::-1])


def test_little_is_fine_from_memory() -> None:
    """The prompt says that less is fine where a model knows less; a few words are still nothing."""
    assert set() == checks(GOOD[:180].rpartition(".")[0] + ".", 475, source="")
    assert {"wrong_length"} == checks("It rises in the hills above the town somewhere.", 475, source="")
    assert {"next_to_nothing"} == checks("It rises somewhere.", 475, source="")


def test_names_without_a_place_in_the_chapter_are_named() -> None:
    """The sentence lists them, for the model and for people."""
    (fault,) = faults_in(Draft(GOOD, 95, "en", source="x", unsupported=("Amsel", "four days")))

    assert ("unsupported_claims", "Names or numbers in it do not stand in the chapter: Amsel, four days.") == (
        fault.check,
        fault.sentence,
    )


def test_sentences_without_a_passage_are_quoted() -> None:
    """Those below the threshold, not those above it."""
    evidence = (
        SentenceEvidence("It is so here and everywhere else too.", (), 0.05),
        SentenceEvidence("It is other there.", (), 0.4),
    )

    (fault,) = faults_in(Draft(GOOD, 95, "en", source="x", evidence=evidence))

    assert ("unsupported_sentences", True, False) == (
        fault.check,
        "It is so here and" in fault.sentence,
        "other" in fault.sentence,
    )


@pytest.mark.parametrize(
    ("starts", "missing"),
    [
        ((10, 400, 800), None),
        ((10, 20, 800), "the middle of the chapter"),
        ((10, 20), "the middle and the end of the chapter"),
        ((990,), "the beginning and the middle of the chapter"),
    ],
)
def test_each_third_of_a_chapter_is_represented(starts: tuple[int, ...], missing: str | None) -> None:
    """A long summary that has no passage in a third of its chapter says nothing of it."""
    evidence = tuple(SentenceEvidence("It is so.", (Span(start, start + 5, "xxxxx"),), 0.9) for start in starts)

    found = faults_in(Draft(f"{GOOD} {FIRST_HALF}", 160, "en", source="x" * 1000, evidence=evidence))

    assert ([f"It says nothing of {missing}."] if missing else []) == [fault.sentence for fault in found]
