"""A sensor that keeps in the store what the API has to know of narrator and language model."""

import dagster as dg

from bookbytes_pipeline.defs.language_models import LanguageModelResource
from bookbytes_pipeline.defs.narrators import NarratorResource
from bookbytes_pipeline.domain.errors import Refused, Unavailable
from bookbytes_pipeline.domain.narration import VoiceList
from bookbytes_pipeline.domain.writing_model import WritingModel
from bookbytes_pipeline.store.store import Store

INTERVAL_S = 600


@dg.sensor(
    description="Lists the voices of the narrator in use for GET /api/v1/voices, and says for previews of books "
    "whether the language model needs their text. Starts no runs, and costs nothing.",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=INTERVAL_S,
)
def voice_list(
    store: dg.ResourceParam[Store],
    narrator: dg.ResourceParam[NarratorResource],
    language_model: dg.ResourceParam[LanguageModelResource],
) -> dg.SkipReason:
    """Ask here, on the machine that speaks: its voices are files beside it, or of a server that only it may ask.

    A narrator that does not answer is no failure of the sensor's: runs will say so, and the last list stays.
    """
    model = WritingModel(language_model.name, language_model.needs_text)
    if model != store.read_writing_model():
        store.write_writing_model(model)
    try:
        voices = narrator.find_voices()
    except (Refused, Unavailable) as error:
        return dg.SkipReason(str(error))
    if voices != store.read_voices():
        store.write_voices(voices)
    return dg.SkipReason(_told(voices))


def _told(voices: VoiceList) -> str:
    number = len(voices.voices)
    return f"{voices.narrator} has {number} {'voice' if number == 1 else 'voices'}."
