"""Which parts of a text are spoken, and which are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookbytes_pipeline.writing.narration import narration_text, spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left.[1] She stayed.[12]", "He left. She stayed."),
        ("He left [1, 2; 4–7].", "He left."),
        ("He left[^note].\n\n[^note]: In the second edition.", "He left."),
        ("He left [note 3] early.", "He left early."),
        ("He left【4:0†source】.", "He left."),
        ("The word(12) and the end.(3)", "The word and the end."),
        ("He left¹ and came² back.³", "He left and came back."),
        ("He left<sup>1</sup> and came<sup><a href='#n2'>[2]</a></sup> back.", "He left and came back."),
        ("He left* and came† back.‡", "He left and came back."),
        ("*Note: he came back.", "Note: he came back."),
        ("A claim.[1](https://example.org/a)", "A claim."),
    ],
)
def test_footnote_references_are_not_spoken(text: str, expected: str) -> None:
    """A listener cannot look up a note."""
    assert expected == spoken(text)


@pytest.mark.parametrize(
    "text",
    [
        "Walden (1854) is a book.",
        "Walden [1854] is a book.",
        "It cost 3.14 dollars, or $28.12½.",
        "He writes C# and F#, not C++.",
        "The answer is 5*3, and 5 * 3 is fifteen.",
        "See Section 4, § 4 and #4.",
        "They was [sic] gone.",
        "The author[s] said [the] word.",
        "Planned for (12) months.",
        "It covers 10 km² and E = mc² and 10⁶ and x³.",
        "The A* algorithm and Q* agree.",
        "A snake_case name and a_b.",
        "From 1914–1918, well-known men.",
        "If a < b and b > c, then AT&T wins.",
        "The type List<String> is real.",
        "It is 5 p.m. in the U.S.A. now.",
        "Wait… what? No!",
        "Visit Amazon.com or not.",
        "1. A numbered thing.",
        "He said “no”, ‘never’ and 'nay'.",
        "می‌خواهم",
        "— Bonjour, dit-il.",
    ],
)
def test_real_content_is_kept(text: str) -> None:
    """Text that only resembles markup is spoken unchanged."""
    assert text == spoken(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Read https://example.org/a?b=c&d=e#f.", "Read."),
        ("It is online (https://example.org/a_(b)), he says.", "It is online, he says."),
        ("It is online (see https://en.wikipedia.org/wiki/Walden_(book)).", "It is online."),
        ("It is online <https://example.org>, he says.", "It is online, he says."),
        ("It is online [www.example.org].", "It is online."),
        ("As he wrote (Smith 1854, https://example.org/x).", "As he wrote (Smith 1854)."),
        ("Write to me@example.org, please.", "Write to, please."),
        ("Write (me.too+x@mail.example.org) soon.", "Write soon."),
        ("The [word](https://example.org/a_(b) 'title') stays.", "The word stays."),
        ("The [word][1] stays.\n\n[1]: https://example.org", "The word stays."),
        ("Here ![a map](map.png) it is.", "Here it is."),
        ("[https://example.org](https://example.org) is gone.", "is gone."),
    ],
)
def test_addresses_are_not_spoken(text: str, expected: str) -> None:
    """URLs and e-mail addresses are not read out, nor the brackets around them."""
    assert expected == spoken(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Economy\nHe builds.", "Economy.\n\nHe builds."),
        ("## What is C#? ##\n\nA language.", "What is C#?\n\nA language."),
        ("Economy\n=======\nHe builds.", "Economy\n\nHe builds."),
        (
            "This is **bold**, *slanted*, ***both***, __bold__ and _slanted_.",
            "This is bold, slanted, both, bold and slanted.",
        ),
        ("This **bold *nested* word** and ~~gone~~.", "This bold nested word and gone."),
        ("Plan *A* is best.", "Plan A is best."),
        ("这是**重点**内容，*也是*。", "这是重点内容，也是。"),
        ("Call `spoken(text)` now.", "Call spoken(text) now."),
        ("```python\nspoken(text)\n```\nDone.", "spoken(text)\n\nDone."),
        ("Two things:\n- one\n  more\n* two\n• three!", "Two things:\n\none more.\n\ntwo.\n\nthree!"),
        ("- [x] done", "done."),
        ("First of all:\n1. Build\n2) Plant", "First of all:\n\n1. Build.\n\n2) Plant."),
        ("> He said\n> this.\n>\n> And that.", "He said this.\n\nAnd that."),
        ("One.\n\n---\n\nTwo.\n* * *\nThree.", "One.\n\nTwo.\n\nThree."),
        ("| Year | Cost |\n|------|:----:|\n| 1845 | 28 |", "Year, Cost.\n\n1845, 28."),
        ("Not \\*slanted\\* at all.", "Not *slanted* at all."),
    ],
)
def test_markdown_is_removed(text: str, expected: str) -> None:
    """The words of Markdown are spoken, its markup is not."""
    assert expected == spoken(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>One <b>bold</b>.</p><p>Two<br/>lines &amp; more&hellip;</p>", "One bold.\n\nTwo lines & more…"),
        ("<!-- no --><style>p { x }</style>H<sub>2</sub>O over 3 m<sup>2</sup>.", "H2O over 3 m²."),
        ("3 &lt; 5&nbsp;apples", "3 < 5 apples"),
    ],
)
def test_html_is_removed(text: str, expected: str) -> None:
    """The words of HTML are spoken, its tags and entities are not."""
    assert expected == spoken(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wait... what?", "Wait… what?"),
        ("Wait . . . what?", "Wait… what?"),
        ("Wait...what?", "Wait… what?"),
        ("He came--at last---home.", "He came — at last — home."),
        ("He came—at last —home.", "He came — at last — home."),
        ("One\n two\t three.\r\n\r\n\r\n  Four.", "One two three.\n\nFour."),
        ("zero\u200bwidth, soft\u00adhyphen\x07, \ud800lone", "zerowidth, softhyphen, lone"),
        ("Cafe\u0301", "Café"),
        ("***\n\n†\n\n…", ""),
        ("", ""),
    ],
)
def test_the_rest_is_normalised(text: str, expected: str) -> None:
    """Dots, dashes and spaces have a single form each, and no invisible characters are left."""
    assert expected == spoken(text)


@given(st.text(alphabet=st.sampled_from("ab1 .*_-#>|`[]()<&;:/!\\\n\r¹†—…A中é"), max_size=80))
def test_any_text_becomes_plain_paragraphs(text: str) -> None:
    """Every paragraph has words, is a single line, and has no consecutive spaces."""
    paragraphs = spoken(text).split("\n\n") if spoken(text) else []

    assert [" ".join(paragraph.split()) for paragraph in paragraphs if any(map(str.isalnum, paragraph))] == paragraphs


@pytest.mark.parametrize("language", ["", "en"])
def test_a_hostile_text_is_processed_in_reasonable_time(language: str) -> None:
    """Tens of thousands of unclosed openings are scanned only once."""
    openings = (
        *("*a ", "[a](", "<!--", "<a ", "[[", "((", "**", "__a", "- ", "a@", "www."),
        *("$a", "$$a", "\\(a", "\\[", "\\frac{", "{", "x^", "a~1", "👍 ", "(👍", "\n→", "1\ufe0f", "A I,I", "e. "),
    )

    assert spoken("".join(opening * 5_000 for opening in openings), language)


@pytest.mark.parametrize(
    ("number", "title", "summary", "text"),
    [
        (1, "Economy", "He builds.", "Economy.\n\nHe builds."),
        (2, "What I Lived For?", "He lives.\n\nOn.", "What I Lived For?\n\nHe lives.\n\nOn."),
        (3, "“Simplify!”", "He does.", "“Simplify!”\n\nHe does."),
        (4, "**Sounds**[1]\n(part one)", "A train.", "Sounds (part one).\n\nA train."),
        (5, " * ", "Solitude.", "Chapter 5.\n\nSolitude."),
        (6, "读书", "他读。", "读书.\n\n他读。"),
        (7, "Visitors", "", "Visitors."),
    ],
)
def test_a_narration_begins_with_the_title(number: int, title: str, summary: str, text: str) -> None:
    """The title is the first paragraph and ends like a sentence; a title without words is replaced by the number."""
    assert text == narration_text(number, title, summary, "en")


@pytest.mark.parametrize(
    ("title", "language", "expected"),
    [
        ("IV", "en", "Chapter 4."),
        ("4", "en-GB", "Chapter 4."),
        ("007", "en", "Chapter 7."),
        ("4.", "de", "Kapitel 4."),
        ("1: The Storm", "en", "Chapter 1: The Storm."),
        ("The Calm of the Fog: 3", "en", "The Calm of the Fog: Chapter 3."),
        ("II", "ja", "第2章."),
        ("12", "eo", "12."),
        ("Civil War", "en", "Civil War."),
        ("1984: A Year", "en", "1984: A Year."),
        ("C", "en", "C."),
        ("mix", "en", "mix."),
        ("Chapter IV", "en", "Chapter 4."),
    ],
)
def test_bare_numbers_are_spoken_as_chapters(title: str, language: str, expected: str) -> None:
    """A listener hears what is counted, in the language of the book."""
    assert expected == narration_text(1, title, "", language)
