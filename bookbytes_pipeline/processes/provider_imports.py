"""Imported by the process that runs are forked from: the packages of the providers that the settings name."""

from bookbytes_pipeline.providers.openai_client import load_package
from bookbytes_pipeline.settings import load_settings

_settings = load_settings()
if "openai" in {_settings.language_model, _settings.tts_provider}:
    load_package()
