"""The list of voices that the pipeline leaves in the store: whoever answers requests cannot ask a narrator."""

from bookbytes_api.errors import VoicesUnknown
from bookbytes_pipeline.domain.narration import VoiceList
from bookbytes_pipeline.store.store import Store


def known_voices(store: Store) -> VoiceList:
    """Return the voices as they were listed last; raises `VoicesUnknown` before the first time."""
    voices = store.read_voices()
    if voices is None:
        raise VoicesUnknown(
            "The voices are not known yet. They are listed as soon as Dagster's daemon runs and the narrator answers: "
            "try again in some minutes."
        )
    return voices
