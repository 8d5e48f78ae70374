"""Raised and lowered characters, fractions and formulas as a person reads them."""

import pytest

from bookbytes_pipeline.epub.text import read_page_text
from tests.epub.building import page


def text_of(body: str, language: str = "en") -> str:
    return "\n".join(block.text for block in read_page_text(page(body).encode(), (), language).blocks)


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("10<sup>6</sup> litres", "10 to the 6 litres"),
        ("2<sup>10</sup> grains", "2 to the 10 grains"),
        ("10<sup>-3</sup> metres", "10 to the minus 3 metres"),
        ("x<sup>2</sup> + y<sup>3</sup>", "x squared + y cubed"),
        ("x² and y³", "x squared and y cubed"),
        ("E = mc<sup>2</sup>.", "E = mc squared."),
        ("5 km<sup>2</sup> of reeds", "5 square kilometres of reeds"),
        ("3 m³ of water", "3 cubic metres of water"),
        ("H<sub>2</sub>O and CO₂", "H2O and CO2"),
        ("the 1<sup>st</sup> and 2<sup>nd</sup>", "the 1st and 2nd"),
        ("M<sup>me</sup> Rivet", "Mme Rivet"),
        ("1<sup>1</sup>/<sub>2</sub> tons", "one and a half tons"),
        ("1½ tons, ¾ full", "one and a half tons, three quarters full"),
        ("$8.03½ in all, £1¾, 32½°", "$8.03 and a half in all, £1 and three quarters, 32 and a half°"),
        ("1 1⁄2 tons", "one and a half tons"),
        ("<sup>3</sup>⁄<sub>4</sub> of it", "three quarters of it"),
        ("in 1848<sup>3</sup> it was", "in 1848 it was"),
        ("it was old.<sup>1</sup> It was", "it was old. It was"),
        ("later<sup>2</sup> and", "later and"),
        ("the clerk<sup>*</sup> wrote", "the clerk wrote"),
        ("the clerk<sup>[4]</sup> wrote", "the clerk wrote"),
        ('10<span class="superscript">6</span> litres', "10 to the 6 litres"),
        ('10<span style="vertical-align: super">6</span> litres', "10 to the 6 litres"),
        ("a plain 10 and 1/2", "a plain 10 and 1/2"),
        ("on 3/4/1848", "on 3/4/1848"),
    ],
)
def test_english_numbers_are_words(markup: str, said: str) -> None:
    assert said == text_of(f"<p>{markup}</p>")


@pytest.mark.parametrize(
    ("markup", "said"),
    [("10<sup>6</sup> Liter", "10⁶ Liter"), ("1½ Tonnen", "1 1/2 Tonnen"), ("H<sub>2</sub>O", "H2O")],
)
def test_other_languages_have_signs_that_their_voices_read(markup: str, said: str) -> None:
    assert said == text_of(f"<p>{markup}</p>", "de")


def test_marks_that_count_on_are_marks_even_after_numbers() -> None:
    """2<sup>2</sup> is a power, unless the notes of the page count 1, 2, 3 there."""
    counted = "He had a boat,<sup>1</sup> or 2<sup>2</sup> of them,<sup>3</sup> or more.<sup>4</sup>"

    assert "He had a boat, or 2 of them, or more." == text_of(f"<p>{counted}</p>")
    assert "2 squared is four." == text_of("<p>2<sup>2</sup> is four.</p>")


@pytest.mark.parametrize(
    ("math", "said"),
    [
        ('<math alttext="one half"><mfrac><mn>1</mn><mn>2</mn></mfrac></math>', "one half"),
        ('<math alttext="\\frac{1}{2}"><mfrac><mn>1</mn><mn>2</mn></mfrac></math>', "one half"),
        ("<math><mfrac><mi>a</mi><mi>b</mi></mfrac></math>", "a over b"),
        ("<math><msup><mi>x</mi><mn>2</mn></msup></math>", "x squared"),
        ("<math><msqrt><mi>x</mi></msqrt></math>", "square root of x"),
        ("<math><mroot><mi>x</mi><mn>3</mn></mroot></math>", "cube root of x"),
        ("<math><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>", "E equals m c squared"),
        ("<math><semantics><mi>x</mi><annotation>TEX</annotation></semantics></math>", "x"),
        ("<math><msub><mi>x</mi><mn>1</mn></msub></math>", "x1"),
        ("<math/>", ""),
    ],
)
def test_formulas_are_words(math: str, said: str) -> None:
    assert f"So {said} it is." == text_of(f"<p>So {math} it is.</p>").replace("  ", " ").replace("So it", "So  it")


def test_formulas_in_other_languages_are_signs() -> None:
    assert "a/b" == text_of("<p><math><mfrac><mi>a</mi><mi>b</mi></mfrac></math></p>", "de")
