"""The narrators that settings can name: the only module that knows their vendors."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bookbytes_pipeline.audio.encoding import ENCODING
from bookbytes_pipeline.constants import CORES
from bookbytes_pipeline.domain.narration import Voice, VoiceList
from bookbytes_pipeline.library.call_budget import CallBudget
from bookbytes_pipeline.library.usage_recorder import UsageRecorder
from bookbytes_pipeline.providers.response_cache import (
    CachingNarrator,
    CallScope,
    NullCache,
    ResponseCache,
    cache_for_run,
)
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.writing.fingerprints import audio_fingerprint


@dataclass(frozen=True)
class NarratorResource:
    """The narrator in use, before it is connected to.

    `fingerprint` identifies what clips are made with. `connect` takes what the calls are made for, the
    language of the book, which may have a voice of its own, and the name of the voice that somebody chose for the book,
    if any.
    `chapters_at_once` are in hand at any time: with a voice elsewhere, as many as it is asked for and as many as are
    encoded meanwhile; a voice of this machine takes the cores that encoding needs, and what waits takes memory.
    `find_voices` lists the voices that the narrator has, `find_languages` the languages of those in the settings.
    """

    name: str
    fingerprint: str
    chapters_at_once: int
    connect: Callable[[CallScope, str, str | None], AbstractAsyncContextManager[CachingNarrator]]
    find_voices: Callable[[], VoiceList]
    find_languages: Callable[[], list[str]] = lambda: ["en"]


def _google_narrator(
    settings: Settings, cache: ResponseCache, recorder: UsageRecorder, budget: CallBudget
) -> NarratorResource:
    @asynccontextmanager
    async def connect(scope: CallScope, _language: str, _voice: str | None) -> AsyncIterator[CachingNarrator]:
        from bookbytes_pipeline.providers.narrators import gtts  # noqa: PLC0415 - httpx, for this step only

        base_url = settings.tts_base_url or gtts.GOOGLE
        async with budget.open("gtts speech", settings.max_concurrent_tts_calls) as slots:
            connected = gtts.connect(base_url, slots)
            async with connected as narrator, recorder.recording(narrator.meter, scope.run_id):
                yield CachingNarrator(narrator, cache_for_run(cache, scope))

    def find_voices() -> VoiceList:
        from bookbytes_pipeline.providers.narrators import gtts  # noqa: PLC0415 - as above

        return VoiceList("gtts", tuple(gtts.languages()))

    fingerprint = audio_fingerprint("gtts", settings.tts_base_url or "", ENCODING)
    return NarratorResource("gtts", fingerprint, settings.max_concurrent_tts_calls + CORES, connect, find_voices)


def _openai_narrator(
    settings: Settings, cache: ResponseCache, recorder: UsageRecorder, budget: CallBudget
) -> NarratorResource:
    model, voice, voices = settings.tts_model or "", settings.tts_voice or "", settings.tts_voices

    @asynccontextmanager
    async def connect(scope: CallScope, language: str, chosen: str | None) -> AsyncIterator[CachingNarrator]:
        from bookbytes_pipeline.providers.narrators import openai  # noqa: PLC0415 - the SDK takes a second to import
        from bookbytes_pipeline.providers.narrators.languages import voice_for  # noqa: PLC0415 - for this step only

        async with budget.open("openai speech", settings.max_concurrent_tts_calls) as slots:
            connected = openai.connect(
                api_key=settings.speech_key,
                base_url=settings.speech_url,
                model=model,
                voice=chosen or voice_for(language, voices, voice),
                timeout=settings.openai_timeout,
                slots=slots,
                max_characters=settings.tts_max_characters,
            )
            async with connected as narrator, recorder.recording(narrator.meter, scope.run_id):
                yield CachingNarrator(narrator, cache_for_run(cache, scope))

    def find_voices() -> VoiceList:
        from bookbytes_pipeline.providers.narrators.openai_voices import list_voices  # noqa: PLC0415 - httpx, as above

        found = asyncio.run(list_voices(settings.speech_key, settings.speech_url, model, voice))
        return replace(found, usual=None if voices else voice)

    fingerprint = audio_fingerprint("openai", f"{model} {voice}{_by_language(voices)}", ENCODING)
    return NarratorResource(
        "openai",
        fingerprint,
        settings.max_concurrent_tts_calls + CORES,
        connect,
        find_voices,
        lambda: ["en", *voices],
    )


def _espeak_narrator(
    settings: Settings, _cache: ResponseCache, recorder: UsageRecorder, _budget: CallBudget
) -> NarratorResource:
    at_once = min(settings.max_concurrent_tts_calls, CORES)

    @asynccontextmanager
    async def connect(scope: CallScope, _language: str, _voice: str | None) -> AsyncIterator[CachingNarrator]:
        from bookbytes_pipeline.providers.narrators import espeak  # noqa: PLC0415 - for this step only

        connected = espeak.connect(at_once)
        async with connected as narrator, recorder.recording(narrator.meter, scope.run_id):
            yield CachingNarrator(narrator, NullCache())  # speaking again costs less than keeping WAV files

    def find_voices() -> VoiceList:
        from bookbytes_pipeline.providers.narrators.espeak_voices import voices  # noqa: PLC0415 - as above

        return VoiceList("espeak", tuple(Voice(name, tag) for tag, name in voices().items()))

    fingerprint = audio_fingerprint("espeak", "", ENCODING)
    return NarratorResource("espeak", fingerprint, at_once, connect, find_voices)


def _piper_narrator(
    settings: Settings, _cache: ResponseCache, recorder: UsageRecorder, _budget: CallBudget
) -> NarratorResource:
    voice = (settings.piper_voice or Path()).absolute()
    at_once = min(settings.max_concurrent_tts_calls, CORES)
    voices = {language: str(Path(file).expanduser().absolute()) for language, file in settings.tts_voices.items()}

    @asynccontextmanager
    async def connect(scope: CallScope, language: str, chosen: str | None) -> AsyncIterator[CachingNarrator]:
        from bookbytes_pipeline.providers.narrators import piper  # noqa: PLC0415 - for this step only
        from bookbytes_pipeline.providers.narrators.languages import voice_for  # noqa: PLC0415 - as above
        from bookbytes_pipeline.providers.narrators.piper_voices import voice_named  # noqa: PLC0415 - as above

        file = voice_named(chosen, voice) if chosen else Path(voice_for(language, voices, str(voice)))
        connected = piper.connect(file, at_once)
        async with connected as narrator, recorder.recording(narrator.meter, scope.run_id):
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
    return NarratorResource("piper", fingerprint, at_once, connect, find_voices, find_languages)


def _by_language(voices: Mapping[str, str]) -> str:
    """What the voices of languages add to a fingerprint: nothing where there are none."""
    return "".join(f" {language}={voice}" for language, voice in sorted(voices.items()))


NARRATORS: Mapping[str, Callable[[Settings, ResponseCache, UsageRecorder, CallBudget], NarratorResource]] = {
    "gtts": _google_narrator,
    "openai": _openai_narrator,
    "piper": _piper_narrator,
    "espeak": _espeak_narrator,
}
