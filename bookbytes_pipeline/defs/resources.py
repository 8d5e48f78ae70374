"""Where settings become providers: the only module that knows all vendors.

Each `connect` opens its provider for the length of one asset, because an HTTP client belongs to the event loop that
opened it and every Dagster step has its own. Meanwhile the recorder counts what the provider is asked.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

from bookbytes_pipeline.audio.encoding import ENCODING
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.defs.io_managers import JsonIOManager
from bookbytes_pipeline.domain.book import PackageMetadata
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.narration import Voice, VoiceList
from bookbytes_pipeline.epub.reader import read_package_metadata
from bookbytes_pipeline.execution.usage_recorder import UsageRecorder
from bookbytes_pipeline.providers.metadata.first_answer import FirstAnswer
from bookbytes_pipeline.providers.metadata.package_document import PackageDocument
from bookbytes_pipeline.providers.ports import MetadataSource
from bookbytes_pipeline.providers.response_cache import (
    CachingModel,
    CachingNarrator,
    NullCache,
    ResponseCache,
    StaleIfErrorSource,
    cache_for_run,
)
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import BUCKET_WAIT_IN_RUNS_S, Store, open_store
from bookbytes_pipeline.writing.fingerprints import audio_fingerprint, chapter_list_fingerprint, summaries_fingerprint
from bookbytes_pipeline.writing.pace import SummaryLength


@dataclass(frozen=True)
class MetadataResource:
    """The metadata sources in the order in which they are asked, before they are connected to."""

    connect: Callable[[], AbstractAsyncContextManager[MetadataSource]]


@dataclass(frozen=True)
class LanguageModelResource:
    """The language model in use, before it is connected to.

    The fingerprints identify what summaries and remembered chapter lists are made with. `context_tokens` is how much
    the model reads at once. `connect` takes the `force_token` of the run, empty for a run without force.
    """

    name: str
    fingerprint: str
    chapter_list_fingerprint: str
    needs_text: bool
    max_concurrent_calls: int
    context_tokens: int
    connect: Callable[[str], AbstractAsyncContextManager[CachingModel]]


@dataclass(frozen=True)
class NarratorResource:
    """The narrator in use, before it is connected to.

    `fingerprint` identifies what clips are made with. `connect` takes the `force_token` of the run, empty for a run
    without force, the language of the book, which may have a voice of its own, and the name of the voice that somebody
    chose for the book, if any.
    `find_voices` lists the voices that the narrator has, `find_languages` the languages of those in the settings.
    """

    name: str
    fingerprint: str
    max_concurrent_calls: int
    connect: Callable[[str, str, str | None], AbstractAsyncContextManager[CachingNarrator]]
    find_voices: Callable[[], VoiceList]
    find_languages: Callable[[], list[str]] = lambda: ["en"]


def build_resources(settings: Settings, cache: ResponseCache | None = None) -> dict[str, Any]:
    """Return everything that assets ask for, by the name of their parameter. `cache` is the store's unless given."""
    store = open_store(settings.store_config, wait_s=BUCKET_WAIT_IN_RUNS_S)
    cache = cache or store.responses
    database = Database(settings.library_url)
    recorder = UsageRecorder(database)
    return {
        "io_manager": JsonIOManager(store.files),
        "store": store,
        "database": database,
        "metadata_source": MetadataResource(partial(_metadata_sources, settings, store, cache, recorder)),
        "language_model": LANGUAGE_MODELS[settings.language_model](settings, cache, recorder),
        "narrator": NARRATORS[settings.tts_provider](settings, cache, recorder),
        "pronunciations": settings.read_pronunciations(),
        "summary_length": SummaryLength(settings.tts_provider, settings.summary_minutes, settings.book_summary),
    }


@asynccontextmanager
async def _metadata_sources(
    settings: Settings, store: Store, cache: ResponseCache, recorder: UsageRecorder
) -> AsyncIterator[MetadataSource]:
    own = PackageDocument(partial(_attached_metadata, store))
    if settings.openlibrary_base_url is None:
        yield own
        return
    from bookbytes_pipeline.providers.metadata import open_library  # noqa: PLC0415 - httpx, for this step only

    contact, release = settings.openlibrary_contact, version("bookbytes")
    connected = open_library.connect(settings.openlibrary_base_url, contact, release)
    async with connected as catalogue, recorder.recording(catalogue.meter):
        yield FirstAnswer((StaleIfErrorSource(catalogue, cache), own))


def _attached_metadata(store: Store, isbn: ISBN) -> PackageMetadata | None:
    epub = store.sources.read(isbn)
    return None if epub is None else read_package_metadata(BytesIO(epub))


def _openai_model(settings: Settings, cache: ResponseCache, recorder: UsageRecorder) -> LanguageModelResource:
    @asynccontextmanager
    async def connect(force_token: str) -> AsyncIterator[CachingModel]:
        from bookbytes_pipeline.providers.models import openai  # noqa: PLC0415 - the SDK takes a second to import

        connected = openai.connect(
            api_key=settings.model_key,
            base_url=settings.openai_base_url,
            model=settings.openai_model,
            timeout=settings.openai_timeout,
            concurrency=settings.max_concurrent_llm_calls,
        )
        async with connected as model, recorder.recording(model.meter):
            yield CachingModel(model, cache_for_run(cache, force_token))

    return _model_resource(settings, "openai", settings.openai_model, needs_text=False, connect=connect)


def _extractive_model(settings: Settings, _cache: ResponseCache, _recorder: UsageRecorder) -> LanguageModelResource:
    @asynccontextmanager
    async def connect(_force_token: str) -> AsyncIterator[CachingModel]:
        from bookbytes_pipeline.providers.models.extractive import ExtractiveModel  # noqa: PLC0415 - numpy, for one step

        yield CachingModel(ExtractiveModel(), NullCache())  # it costs nothing, and answers alike every time

    return _model_resource(settings, "extractive", "sumy-textrank", needs_text=True, connect=connect)


def _model_resource(
    settings: Settings,
    name: str,
    model: str,
    *,
    needs_text: bool,
    connect: Callable[[str], AbstractAsyncContextManager[CachingModel]],
) -> LanguageModelResource:
    return LanguageModelResource(
        name=name,
        fingerprint=summaries_fingerprint(name, model, settings.summary_minutes),
        chapter_list_fingerprint=chapter_list_fingerprint(name, model),
        needs_text=needs_text,
        max_concurrent_calls=settings.max_concurrent_llm_calls,
        context_tokens=settings.openai_context_tokens,
        connect=connect,
    )


def _google_narrator(settings: Settings, cache: ResponseCache, recorder: UsageRecorder) -> NarratorResource:
    @asynccontextmanager
    async def connect(force_token: str, _language: str, _voice: str | None) -> AsyncIterator[CachingNarrator]:
        from bookbytes_pipeline.providers.narrators import gtts  # noqa: PLC0415 - httpx, for this step only

        base_url = settings.tts_base_url or gtts.GOOGLE
        connected = gtts.connect(base_url, settings.max_concurrent_tts_calls)
        async with connected as narrator, recorder.recording(narrator.meter):
            yield CachingNarrator(narrator, cache_for_run(cache, force_token))

    def find_voices() -> VoiceList:
        from bookbytes_pipeline.providers.narrators import gtts  # noqa: PLC0415 - as above

        return VoiceList("gtts", tuple(gtts.languages()))

    fingerprint = audio_fingerprint("gtts", settings.tts_base_url or "", ENCODING)
    return NarratorResource("gtts", fingerprint, settings.max_concurrent_tts_calls, connect, find_voices)


def _openai_narrator(settings: Settings, cache: ResponseCache, recorder: UsageRecorder) -> NarratorResource:
    model, voice, voices = settings.tts_model or "", settings.tts_voice or "", settings.tts_voices

    @asynccontextmanager
    async def connect(force_token: str, language: str, chosen: str | None) -> AsyncIterator[CachingNarrator]:
        from bookbytes_pipeline.providers.narrators import openai  # noqa: PLC0415 - the SDK takes a second to import
        from bookbytes_pipeline.providers.narrators.languages import voice_for  # noqa: PLC0415 - for this step only

        connected = openai.connect(
            api_key=settings.speech_key,
            base_url=settings.speech_url,
            model=model,
            voice=chosen or voice_for(language, voices, voice),
            timeout=settings.openai_timeout,
            concurrency=settings.max_concurrent_tts_calls,
            max_characters=settings.tts_max_characters,
        )
        async with connected as narrator, recorder.recording(narrator.meter):
            yield CachingNarrator(narrator, cache_for_run(cache, force_token))

    def find_voices() -> VoiceList:
        from bookbytes_pipeline.providers.narrators.openai_voices import list_voices  # noqa: PLC0415 - httpx, as above

        found = asyncio.run(list_voices(settings.speech_key, settings.speech_url, model, voice))
        return replace(found, usual=None if voices else voice)

    fingerprint = audio_fingerprint("openai", f"{model} {voice}{_by_language(voices)}", ENCODING)
    return NarratorResource(
        "openai", fingerprint, settings.max_concurrent_tts_calls, connect, find_voices, lambda: ["en", *voices]
    )


def _espeak_narrator(settings: Settings, _cache: ResponseCache, recorder: UsageRecorder) -> NarratorResource:
    @asynccontextmanager
    async def connect(_force_token: str, _language: str, _voice: str | None) -> AsyncIterator[CachingNarrator]:
        from bookbytes_pipeline.providers.narrators import espeak  # noqa: PLC0415 - for this step only

        connected = espeak.connect(settings.max_concurrent_tts_calls)
        async with connected as narrator, recorder.recording(narrator.meter):
            yield CachingNarrator(narrator, NullCache())  # speaking again costs less than keeping WAV files

    def find_voices() -> VoiceList:
        from bookbytes_pipeline.providers.narrators.espeak_voices import voices  # noqa: PLC0415 - as above

        return VoiceList("espeak", tuple(Voice(name, tag) for tag, name in voices().items()))

    fingerprint = audio_fingerprint("espeak", "", ENCODING)
    return NarratorResource("espeak", fingerprint, settings.max_concurrent_tts_calls, connect, find_voices)


def _piper_narrator(settings: Settings, _cache: ResponseCache, recorder: UsageRecorder) -> NarratorResource:
    voice = (settings.piper_voice or Path()).absolute()
    voices = {language: str(Path(file).expanduser().absolute()) for language, file in settings.tts_voices.items()}

    @asynccontextmanager
    async def connect(_force_token: str, language: str, chosen: str | None) -> AsyncIterator[CachingNarrator]:
        from bookbytes_pipeline.providers.narrators import piper  # noqa: PLC0415 - for this step only
        from bookbytes_pipeline.providers.narrators.languages import voice_for  # noqa: PLC0415 - as above
        from bookbytes_pipeline.providers.narrators.piper_voices import voice_named  # noqa: PLC0415 - as above

        file = voice_named(chosen, voice) if chosen else Path(voice_for(language, voices, str(voice)))
        connected = piper.connect(file, settings.max_concurrent_tts_calls)
        async with connected as narrator, recorder.recording(narrator.meter):
            yield CachingNarrator(narrator, NullCache())  # it costs nothing, and speaks alike every time

    def find_languages() -> list[str]:
        from bookbytes_pipeline.providers.narrators.piper_voices import language_of  # noqa: PLC0415 - as above

        return [language_of(voice), *voices]

    def find_voices() -> VoiceList:
        from bookbytes_pipeline.providers.narrators.piper_voices import voices_beside  # noqa: PLC0415 - as above

        return VoiceList("piper", tuple(voices_beside(voice)), usual=None if voices else voice.stem)

    # by its name: the file is on the machines that speak, and to read all of it takes longer than to load the rest
    names = {language: Path(file).name for language, file in voices.items()}
    fingerprint = audio_fingerprint("piper", f"{voice.name}{_by_language(names)}", ENCODING)
    return NarratorResource(
        "piper", fingerprint, settings.max_concurrent_tts_calls, connect, find_voices, find_languages
    )


def _by_language(voices: Mapping[str, str]) -> str:
    """What the voices of languages add to a fingerprint: nothing where there are none."""
    return "".join(f" {language}={voice}" for language, voice in sorted(voices.items()))


LANGUAGE_MODELS: Mapping[str, Callable[[Settings, ResponseCache, UsageRecorder], LanguageModelResource]] = {
    "openai": _openai_model,
    "extractive": _extractive_model,
}
NARRATORS: Mapping[str, Callable[[Settings, ResponseCache, UsageRecorder], NarratorResource]] = {
    "gtts": _google_narrator,
    "openai": _openai_narrator,
    "piper": _piper_narrator,
    "espeak": _espeak_narrator,
}
