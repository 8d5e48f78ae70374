"""An invented library for pictures of the pages: no book in it exists."""

from collections.abc import Sequence
from dataclasses import dataclass

from bookbytes_api.app import services_of
from bookbytes_pipeline.domain.book import Book, ContentsSource
from bookbytes_pipeline.domain.clip import Clip, ClipManifest
from bookbytes_pipeline.domain.evidence import SentenceEvidence, Span
from bookbytes_pipeline.domain.summary import BookSummaries, BookSummary, Grounding, Summary, TokenUsage
from bookbytes_pipeline.domain.transcript import Cue
from bookbytes_pipeline.library.publishing import publish
from tests.api.client import Api
from tests.dagster_stack.books import isbn_of
from tests.fakes.sound import mp3

LOUDNESS_LUFS = -19.0
SUPPORT = 0.9
TONE_S = 6
"""A clip is a tone that is repeated: MP3 frames may be put one after the other."""


@dataclass(frozen=True)
class Invented:
    """A book, its language, and its chapters with their lengths in minutes."""

    title: str
    author: str
    language: str
    chapters: Sequence[tuple[str, float]]


LIGHTHOUSE = Invented(
    "The Lighthouse Ledger",
    "Ingrid Solberg",
    "en",
    (
        ("The Keeper's Arithmetic", 6.2),
        ("Oil, Wick and Weather", 5.4),
        ("A Letter to the Board", 4.8),
        ("The Winter Nobody Came", 7.1),
        ("Fog Signals", 5.9),
        ("What the Ships Wrote Back", 6.6),
    ),
)
SENTENCES = (
    "Solberg opens with a sum: how much oil a lamp burns in a night of sixteen hours.",
    "The keeper writes it down each morning, and over forty years the column becomes a portrait of the coast.",
    "When the numbers no longer fit, it is not the lamp that has changed but the man who fills it.",
    "The chapter ends with the first night on which the ledger stays empty.",
)
OPENINGS = {
    "Oil, Wick and Weather": "Three things decide how far a light is seen, and the keeper has a say in two of them.",
    "A Letter to the Board": "The board wants to know why the station burns a tenth more than its neighbour.",
    "The Winter Nobody Came": "From November to March no boat can land, and the ledger is the only conversation.",
    "Fog Signals": "Where light fails there is sound, and sound has to be rationed as well.",
    "What the Ships Wrote Back": "Captains kept books of their own, and some of them mention the lamp.",
}
"""The first sentences of the other chapters of the lighthouse book."""
OTHERS = (
    Invented("Salt Roads", "Mateo Iriarte", "en", (("Brine", 5.0), ("Mules", 6.5), ("The Toll House", 7.5))),
    Invented("Das Uhrwerk der Dörfer", "Hanne Vogelsang", "de", (("Glocken", 4.5), ("Fahrpläne", 8.0))),
    Invented("Petite histoire des ponts", "Camille Aubrac", "fr", (("La corde", 5.5), ("La pierre", 6.0))),
    Invented("מפות של מים", "נועה ברזילי", "he", (("מעיינות", 6.0), ("בארות", 5.0))),
    Invented("Slow Instruments", "Tomasz Wiel", "en", (("The Sundial", 3.5), ("The Tide Table", 5.5))),
    Invented("Las semillas prestadas", "Lucía Ferrandis", "es", (("El trigo", 6.0), ("La lenteja", 5.0))),
    Invented("How Orchards Remember", "Priya Nandakumar", "en", (("Grafts", 7.0), ("Frost", 6.0), ("Windfall", 4.0))),
    Invented("庭の時計", "佐伯ゆり", "ja", (("苔", 5.0), ("光", 6.0))),
    Invented("The Cartographer's Apology", "Owen Reade", "en", (("Blank Spaces", 8.0), ("Errata", 6.5))),
    Invented("A Grammar of Kitchens", "Folake Adeyemi", "en", (("Verbs", 5.5), ("Nouns", 4.5), ("Silences", 6.0))),
    Invented("Glass Before Windows", "Beatrix Hollander", "en", (("Sand", 5.0), ("Breath", 5.5))),
)


def fill(api: Api) -> str:
    """Publish all of it; returns the id of the lighthouse book, which has text and sound."""
    for number, invented in enumerate(OTHERS):
        _publish(api, isbn_of(80_000_000 + number), invented, [b"" for _ in invented.chapters])
    sound = [mp3(TONE_S) * round(minutes * 60 / TONE_S) for _, minutes in LIGHTHOUSE.chapters]
    return _publish(api, isbn_of(81_000_000), LIGHTHOUSE, sound)


def _publish(api: Api, isbn: str, invented: Invented, sounds: Sequence[bytes]) -> str:
    book = Book(isbn, invented.title, "open_library", authors=(invented.author,), language=invented.language)
    summaries = tuple(_summary(number, title) for number, (title, _) in enumerate(invented.chapters, 1))
    clips = [
        _clip(api, isbn, number, *item) for number, item in enumerate(zip(invented.chapters, sounds, strict=True), 1)
    ]
    with api.database.session() as session:
        return str(
            publish(
                session,
                book=book,
                source=ContentsSource.OPEN_LIBRARY,
                summaries=BookSummaries(invented.language, "extractive", "lexrank", "recipe", TokenUsage(), summaries),
                clips=ClipManifest("espeak", invented.language, "recipe", tuple(clips)),
                whole=BookSummary(),
                recipe="recipe",
            )
        )


def _sentences(title: str) -> tuple[str, ...]:
    return (OPENINGS.get(title, SENTENCES[0]), *SENTENCES[1:])


def _summary(number: int, title: str) -> Summary:
    sentences = _sentences(title)
    evidence = tuple(SentenceEvidence(sentence, (Span(0, len(sentence), sentence),), SUPPORT) for sentence in sentences)
    return Summary(number, title, " ".join(sentences), Grounding.FULL_TEXT, evidence=evidence)


def _clip(api: Api, isbn: str, number: int, chapter: tuple[str, float], sound: bytes) -> Clip:
    title, minutes = chapter
    clips = services_of(api.app).store.clips
    key = clips.key(isbn, number, f"{number:08x}")
    clips.write(key, sound)
    seconds = minutes * 60
    sentences = _sentences(title)
    cues = tuple(Cue(index * seconds / len(sentences), sentence) for index, sentence in enumerate(sentences))
    return Clip(number, title, key, seconds, len(sound), LOUDNESS_LUFS, cues)
