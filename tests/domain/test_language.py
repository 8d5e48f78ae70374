"""Languages as tags, and what a text and its file say weighed against each other."""

import pytest

from bookbytes_pipeline.domain.language import language_instead_of, language_tag, name_of, weigh_languages
from bookbytes_pipeline.domain.language_detection import detect_language, is_detectable

TEXTS = {
    "en": (
        "The harbour office kept a ledger of every boat. He wrote the figure in blue ink and went home to his wife."
    ),
    "de": (
        "Das Hafenamt führte ein Buch über jedes Boot. Er schrieb die Zahl "
        "mit blauer Tinte und ging heim zu seiner Frau."
    ),
    "fr": (
        "Le bureau du port tenait un registre de chaque bateau. Il écrivit "
        "le chiffre à l'encre bleue et rentra chez lui."
    ),
    "es": (
        "La oficina del puerto llevaba un libro de cada barco. Escribió la "
        "cifra con tinta azul y se fue a su casa tarde."
    ),
    "it": (
        "L'ufficio del porto teneva un registro di ogni barca. Scrisse la "
        "cifra con inchiostro blu e tornò a casa la sera."
    ),
    "nl": (
        "Het havenkantoor hield een boek bij van elke boot. Hij schreef "
        "het getal met blauwe inkt en ging naar zijn huis."
    ),
    "pt": (
        "O escritório do porto mantinha um livro de cada barco. Ele "
        "escreveu o número com tinta azul e foi para a sua casa."
    ),
    "ru": (
        "Портовая контора вела книгу обо всех лодках. Он записал цифру синими "
        "чернилами и ушёл домой, где его ждала жена, а дети уже давно спали."
    ),
    "pl": (
        "Biuro portu prowadziło księgę każdej łodzi. Zapisał liczbę niebieskim "
        "atramentem i poszedł do domu, gdzie czekała na niego żona i dzieci."
    ),
    "sv": (
        "Hamnkontoret förde bok över varje båt. Han skrev siffran med "
        "blått bläck och gick hem till sin fru och sina barn."
    ),
    "ja": "港の事務所はすべての船を帳簿に記した。彼は青いインクで数字を書いて家に帰った。",
    "zh": "港口办公室为每条船记账。他用蓝墨水写下数字，然后回家了，妻子和孩子在家里等着他。港口很安静。",
    "ko": (
        "항구 사무소는 모든 배의 장부를 적었다. 그는 파란 잉크로 숫자를 쓰고 집에 갔다. 아내와 아이들이 집에서 "
        "그를 기다리고 있었다. 항구는 아주 조용했다. 다음 날 그는 다시 나갔다."
    ),
    "ar": (
        "كان مكتب الميناء يحتفظ بسجل لكل قارب. كتب الرقم بالحبر الأزرق "
        "وعاد إلى المنزل حيث كانت زوجته وأطفاله في انتظاره."
    ),
    "el": (
        "Το γραφείο του λιμανιού κρατούσε βιβλίο για κάθε βάρκα. Έγραψε τον "
        "αριθμό με μπλε μελάνι και πήγε σπίτι στη γυναίκα του."
    ),
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_page_tells_its_language(language: str) -> None:
    assert language == detect_language(TEXTS[language] * 3)


@pytest.mark.parametrize("text", ["", "Walden", "sea " * 400, "1 2 3 " * 30, "x" * 50])
def test_what_tells_no_language_is_not_guessed(text: str) -> None:
    assert detect_language(text) is None


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        *(("deu", "de"), ("ger", "de"), ("de_DE", "de-DE"), ("Deutsch", "de"), ("German", "de"), ("DE", "de")),
        *(("jp", "ja"), ("cn", "zh"), ("日本語", "ja"), ("français", "fr"), ("English", "en"), ("ENG", "en")),
        *(("en_us.UTF-8", "en-US"), (" pt-br ", "pt-BR"), ("zh-hant", "zh-Hant"), ("iw", "he")),
        *(("x-default", None), ("und", None), ("zxx", None), ("", None), ("Gibberish", None), ("?", None)),
    ],
)
def test_codes_and_names_become_tags(said: str, tag: str | None) -> None:
    assert tag == language_tag(said)


@pytest.mark.parametrize(
    ("text", "pages", "package", "tag", "doubtful"),
    [
        ("de", None, None, "de", False),
        ("de", None, "de-AT", "de-AT", False),
        ("de", "de", "en-US", "de", True),
        ("de", None, "en-US", "de", True),
        ("de", "en", "en-US", "de", True),
        ("en", "en-GB", "en", "en", False),
        ("pt", None, "pt-BR", "pt-BR", False),
        ("nb", None, "nn", "nn", False),
        ("sr", None, "hr", "hr", False),
        ("es", None, "ast", "ast", False),
        (None, "de", "en-US", "de", True),
        (None, "en", "de", "de", False),
        (None, None, "en", "en", False),
        (None, "fr", None, "fr", False),
    ],
)
def test_the_text_decides_unless_the_file_knows_better(
    text: str | None, pages: str | None, package: str | None, tag: str, doubtful: bool
) -> None:
    choice = weigh_languages(text, pages, package)

    assert choice is not None
    assert (tag, doubtful) == (choice.tag, choice.doubtful)
    assert name_of(tag) in choice.reason


def test_nothing_is_chosen_from_nothing() -> None:
    assert weigh_languages(None, None, None) is None


def test_a_disagreement_is_told() -> None:
    choice = weigh_languages("de", None, "en-US")

    assert choice is not None
    assert "The text is German, although the file says English (United States)." == choice.reason


def test_rare_languages_are_known_to_be_unknown() -> None:
    assert is_detectable("de")
    assert not is_detectable("ast")


@pytest.mark.parametrize(
    ("tag", "text", "found"),
    [
        ("en", TEXTS["de"], "de"),
        ("de-AT", TEXTS["de"], None),
        ("pt", TEXTS["fr"], "fr"),
        ("ast", TEXTS["es"], None),
        ("en", "Das Hafenamt.", None),
        ("en", "", None),
    ],
)
def test_another_language_is_told_where_it_is_sure(tag: str, text: str, found: str | None) -> None:
    assert found == language_instead_of(tag, text)
