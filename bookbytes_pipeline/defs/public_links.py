"""Links from the Dagster UI to what people are served."""

from dataclasses import dataclass
from uuid import UUID

import dagster as dg

from bookbytes_pipeline.processes.serve.addresses import api_address
from bookbytes_pipeline.settings import Settings


@dataclass(frozen=True)
class PublicLinks:
    """Addresses in the API, which is at `api_url`; there are none where nobody said how people reach it."""

    api_url: str | None

    def of_book(self, book_id: UUID, first_chapter: UUID | None) -> dict[str, dg.MetadataValue]:
        """Return links to a book and to its first clip, as the metadata of a materialization."""
        if self.api_url is None:
            return {}
        paths = {"book": f"books/{book_id}"}
        if first_chapter:
            paths["first_clip"] = f"chapters/{first_chapter}/audio"
        return {name: dg.MetadataValue.url(f"{self.api_url}/api/v1/{path}") for name, path in paths.items()}


def public_links(settings: Settings) -> PublicLinks:
    """Return the links for these settings.

    On a developer's machine the API is where `bookbytes serve` says that it is. In production the workers do not know:
    a link to their own host would lead nowhere.
    """
    here = api_address(settings) if settings.app_env == "development" else None
    return PublicLinks(settings.public_url or here)
