"""Which other web sites may use the API from their pages."""

from litestar.config.cors import CORSConfig

from bookbytes_pipeline.settings import Settings

_EXPOSED = ["Accept-Ranges", "Content-Disposition", "Content-Range", "ETag", "Retry-After", "X-Request-ID"]
"""What a player in a page needs to seek and to save a clip, and anybody to report an error."""


def cors_config(settings: Settings) -> CORSConfig | None:
    """Return the configuration for the origins of the settings; without any, browsers let no other site read answers.

    Credentials in the sense of CORS, which are cookies, stay forbidden: a page of another site sends a token itself.
    """
    if not settings.cors_origins:
        return None
    return CORSConfig(allow_origins=list(settings.cors_origins), expose_headers=_EXPOSED)
