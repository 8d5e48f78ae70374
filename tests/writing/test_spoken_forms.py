"""What voices read badly is in words: emoji, formulas, signs, Roman numerals, abbreviations, and words of one's own."""

import pytest

from bookbytes_pipeline.domain.pronunciations import parse_pronunciations
from bookbytes_pipeline.writing.narration import narration_text, spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Great 👍🏽 job 🎉! 👨‍👩‍👧 Family 🇩🇪 flag.", "Great job! Family flag."),
        ("Press 1️⃣ or #️⃣ ✔️ now.", "Press or now."),
        ("He came (👍) “😀 smiling”.", "He came “smiling”."),
        ("Yes!👍 No.", "Yes! No."),
        ("# 🚀 Launch 🚀", "Launch."),
        ("✅ One\n✅ Two", "One.\n\nTwo."),
        ("👍", ""),
        ("Fear -> anger → hate.", "Fear — anger — hate."),
        ("→ Next", "Next."),
    ],
)
def test_emoji_are_not_spoken_and_arrows_are_pauses(text: str, expected: str) -> None:
    """Nor are the signs of which an emoji consists; one in front of a line is a bullet."""
    assert expected == spoken(text, "en")


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("H~2~O, CO~2~ and 1^st^.", "en", "H2O, CO2 and 1st."),
        ("x^2^, x^3, 10^6^ and x^n^.", "en", "x squared, x cubed, 10 to the power of 6 and x to the power of n."),
        ("On 5 m^2^ he stayed^1^.", "en", "On 5 m² he stayed."),
        ("$E=mc^2$.", "en", "E equals m c squared."),
        (r"\(x^2\) is $$\frac{a}{b}$$.", "en", "x squared is a over b."),
        (r"$\sqrt{x_1} \leq \alpha$", "en", "the square root of x 1 is at most alpha"),
        (r"At 90$^\circ$, \pi and \frac{1}{2}.", "en", "At 90 degrees, pi and 1 over 2."),
        (r"$\text{speed} = 5 \cdot t$", "de", "speed gleich 5 mal t"),
        ("$E=mc^2$", "fr", "E égale m c au carré"),
        ("$a/b$", "es", "a sobre b"),
        (r"$\alpha > 0$", "it", "alfa è maggiore di 0"),
        (r"$E=mc^2$ en \alpha", "nl", "E = m c² en α"),
        (r"So $\int_0^1 f$ holds.", "en", "So holds."),
        ("It costs $5 and $7, $5-$10, or US$5 and A$6.", "en", "It costs $5 and $7, $5-$10, or US$5 and A$6."),
        ("He had $5, then 10$ more.", "en", "He had $5, then 10$ more."),
        (r"\(see below\) in C:\alpha", "en", r"(see below) in C:\alpha"),
    ],
)
def test_formulas_are_words(text: str, language: str, expected: str) -> None:
    """A formula that is not simple is gone; prices and paths are no formulas."""
    assert expected == spoken(text, language)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("R & D at AT&T.", "en", "R and D at AT&T."),
        ("5 × 3 ≥ 10 (≈7).", "en", "5 times 3 at least 10 (about 7)."),
        ("20°C or −5 °C, 1914−18, 5%.", "en", "20 degrees Celsius or minus 5 degrees Celsius, 1914−18, 5%."),
        ("±2 °C & mehr", "de", "plus minus 2 Grad Celsius und mehr"),
        ("À 20 °C « ≥ 5 »", "fr", "À 20 degrés Celsius « au moins 5 »"),
        ("3 × 4", "es", "3 por 4"),
        ("3 ÷ 4", "it", "3 diviso 4"),
        ("20 °C & 5 × 3", "nl", "20 °C & 5 × 3"),
        ("E.g. this, i.e. that (e.g., tea), etc.", "en", "For example this, that is that (for example, tea), etc."),
        ("Holmes vs. Moriarty vs him.", "en", "Holmes versus Moriarty versus him."),
        (
            "Z.B. so, d. h. ja, bzw. u. a. Tee.",
            "de",
            "Zum Beispiel so, das heißt ja, beziehungsweise unter anderem Tee.",
        ),
        ("Mme Bovary, p. ex., c.-à-d. elle", "fr", "Madame Bovary, par exemple, c’est-à-dire elle"),
        ("44 a. C. fue; Washington D. C. no", "es", "44 antes de Cristo fue; Washington D. C. no"),
        ("ad es. la II guerra mondiale", "it", "ad esempio la seconda guerra mondiale"),
    ],
)
def test_signs_and_abbreviations_are_words(text: str, language: str, expected: str) -> None:
    """Each language has a table; without one they stay."""
    assert expected == spoken(text, language)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("World War I began and World War II ended.", "en", "World War 1 began and World War 2 ended."),
        ("In Part I the king, in Part II he.", "en", "In Part 1 the king, in Part 2 he."),
        ("In Part I learned what the part I liked was.", "en", "In Part I learned what the part I liked was."),
        ("Chapters IV–VI, Books I and II.", "en", "Chapters 4–6, Books 1 and 2."),
        ("Henry V, Elizabeth II's son.", "en", "Henry the Fifth, Elizabeth the Second's son."),
        ("Charles I of England. So Charles I thought.", "en", "Charles the First of England. So Charles I thought."),
        ("Vatican II and Rocky III.", "en", "Vatican 2 and Rocky 3."),
        ("The MIX, CIVIL, DIM, LIV, XL, MD, DC.", "en", "The MIX, CIVIL, DIM, LIV, XL, MD, DC."),
        ("Some CD, Size XL, Malcolm X, John V. Lindsay.", "en", "Some CD, Size XL, Malcolm X, John V. Lindsay."),
        ("Unter Ludwig XIV. war es.", "de", "Unter Ludwig dem Vierzehnten war es."),
        ("Elisabeth II. Danach", "de", "Elisabeth die Zweite. Danach"),
        ("Louis XIV au XVIIe siècle, Napoléon Ier", "fr", "Louis 14 au 17e siècle, Napoléon premier"),
        ("Isabel II, Alfonso XIII, siglo XIX", "es", "Isabel segunda, Alfonso 13, siglo 19"),
        ("Luigi XIV, nel XIX secolo", "it", "Luigi quattordicesimo, nel diciannovesimo secolo"),
        ("Willem II en Karel IV.", "nl", "Willem 2 en Karel 4."),
    ],
)
def test_roman_numerals_are_numbers(text: str, language: str, expected: str) -> None:
    """After a word that is counted or a name; neither "I" nor words of the same letters."""
    assert expected == spoken(text, language)


@pytest.mark.parametrize(
    ("number", "title", "language", "expected"),
    [
        (1, "Chapter XIV", "en", "Chapter 14."),
        (1, "chapter iv", "en", "chapter 4."),
        (1, "CHAPTER CXXXV. THE CHASE", "en", "CHAPTER 135. THE CHASE."),
        (1, "IV. The Storm", "en", "Chapter 4: The Storm."),
        (1, "4. The Storm", "en", "Chapter 4: The Storm."),
        (1, "IV – The Storm", "en", "Chapter 4: The Storm."),
        (4, "IV The Storm", "en", "Chapter 4: The Storm."),
        (1, "II Samuel", "en", "II Samuel."),
        (1, "24 - The Series", "en", "24 - The Series."),
        (1, "V. S. Naipaul", "en", "V. S. Naipaul."),
        (1, "Part II: The Sea", "en", "Part 2: The Sea."),
        (1, "The Book I Never Wrote", "en", "The Book I Never Wrote."),
        (1, "Act I, Scene II", "en", "Act 1, Scene 2."),
        (1, "Louis XIV", "en", "Louis the Fourteenth."),
        (1, "Kapitel IV. Der Sturm", "de", "Kapitel 4: Der Sturm."),
        (4, "IV. Der Sturm", "de", "Kapitel 4: Der Sturm."),
        (9, "II. Weltkrieg", "de", "2. Weltkrieg."),
        (9, "20. Juli 1944", "de", "20. Juli 1944."),
        (1, "IV. La Tempête", "fr", "Chapitre 4: La Tempête."),
        (1, "Hoofdstuk V", "nl", "Hoofdstuk 5."),
        (1, "IV. Ŝtormo", "eo", "4. Ŝtormo."),
    ],
)
def test_numbers_of_titles_are_said_as_a_person_would(number: int, title: str, language: str, expected: str) -> None:
    """What they count is said with them; other numbers stay."""
    assert expected == narration_text(number, title, "", language)


WORDS = """
# names
Goethe = Gerta
New York = Noo York
York = Yawk
data = dayta
GIF = jif
I.B. = eye bee
东京 = Tokyo
O'Brien = Oh Brian

[de]
Goethe = Göte
[pt-BR]
data = dadta
"""


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Goethe in New York.", "en", "Gerta in Noo York."),
        ("York and Yorkshire.", "en", "Yawk and Yorkshire."),
        ("Data, data, metadata.", "en", "dayta, dayta, metadata."),
        ("A GIF, no gif.", "en", "A jif, no gif."),
        ("I.B. met O’Brien.", "en", "eye bee met Oh Brian."),
        ("他去东京了", "zh", "他去Tokyo了"),
        ("Goethe", "de-AT", "Göte"),
        ("Data", "pt-BR", "dadta"),
        ("Data", "pt", "dayta"),
    ],
)
def test_pronunciations_replace_whole_words(text: str, language: str, expected: str) -> None:
    """The longest first, and those of the book's language before those of all."""
    assert expected == spoken(text, language, parse_pronunciations(WORDS.encode(), "words.txt"))


def test_pronunciations_come_before_the_tables() -> None:
    """Whoever wants "Henry Five" gets it, in the title too."""
    words = parse_pronunciations(b"Henry V = Henry Five", "words.txt")

    assert "Henry Five.\n\nHenry Five." == narration_text(1, "Henry V", "Henry V.", "en", words)
