"""A real book, offline: everything except the audio, which `test_commands.py` tests with the bundled sample."""

from io import BytesIO

from bookbytes_pipeline.domain.pace import summary_words
from bookbytes_pipeline.epub.reader import read_epub
from bookbytes_pipeline.providers.models.extractive import extract
from bookbytes_pipeline.providers.models.sentences import words_of
from tests.conformance.shared import SHARED, needs_shared_data

pytestmark = needs_shared_data


def test_walden_has_eighteen_summaries() -> None:
    """Every real chapter has a summary of about the requested length, and the imprint is not a chapter."""
    text = read_epub(BytesIO((SHARED / "epub" / "walden.epub").read_bytes()))
    requested = [summary_words(len(chapter.text.split())) for chapter in text.chapters]
    written = [
        len(words_of(extract(chapter.text, words, "en")))
        for chapter, words in zip(text.chapters, requested, strict=True)
    ]

    assert 18 == len(text.chapters)
    assert not {"Imprint", "Colophon"} & {chapter.title for chapter in text.chapters}
    assert all(0.8 * words <= count <= 1.1 * words for words, count in zip(requested, written, strict=True))
