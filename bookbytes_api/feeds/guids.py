"""What apps know shows and episodes by: the same for life, whatever the host, the token and the clip."""

from uuid import NAMESPACE_URL, UUID, uuid5

from bookbytes_pipeline.domain.isbn import ISBN

_PODCASTS = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""The namespace that `podcast:guid` prescribes."""


def episode_guid(isbn: ISBN, chapter_number: int) -> str:
    """Return the guid of a chapter, also of one that is made again, or deleted and made again."""
    return str(uuid5(NAMESPACE_URL, f"urn:isbn:{isbn}#{chapter_number}"))


def whole_file_guid(isbn: ISBN) -> str:
    """Return the guid of the file of a whole book, in whatever format."""
    return str(uuid5(NAMESPACE_URL, f"urn:isbn:{isbn}#whole"))


def shelf_guid(user_id: UUID) -> str:
    """Return the guid of a person's shelf."""
    return str(uuid5(_PODCASTS, f"bookbytes/{user_id}/shelf"))


def book_guid(user_id: UUID, isbn: ISBN) -> str:
    """Return the guid of a book as one person's show: what that person's app knows of it is nobody else's."""
    return str(uuid5(_PODCASTS, f"bookbytes/{user_id}/{isbn}"))
