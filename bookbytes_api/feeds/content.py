"""What the feeds of a book and of a shelf consist of."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from bookbytes_api.feeds.addresses import Addresses
from bookbytes_api.feeds.clip_sizes import clip_sizes
from bookbytes_api.feeds.dates import first_dates
from bookbytes_api.feeds.descriptions import about_book, about_shelf
from bookbytes_api.feeds.episodes import SYNTHETIC_VOICE, ListedBook, credits_of, episodes_of, parts_of
from bookbytes_api.feeds.guids import book_guid, shelf_guid
from bookbytes_api.feeds.shelf import ShelvedBook
from bookbytes_api.feeds.shows import Credits, Show
from bookbytes_api.feeds.texts import shortened
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.store.store import Store

_SHELF_TITLE = "My books in BookBytes"
_SHELF_LANGUAGE = "en"
"""Of a shelf without books."""
_BEFORE_ALL_BOOKS = datetime(2000, 1, 1, tzinfo=UTC)


def book_show(book: BookRow, user_id: UUID, addresses: Addresses, store: Store) -> Show:
    """Return the feed of a book: the summary of the whole first, then the chapters that have a clip."""
    [first] = first_dates([(book, book.created_at)])
    listed = ListedBook(book, 1, first, in_titles=False)
    return Show(
        guid=book_guid(user_id, book.isbn),
        title=shortened(book.title),
        description=about_book(book),
        language=book.language,
        address=addresses.book(book.id),
        home=addresses.base,
        cover=addresses.cover(book.id),
        credits=credits_of(book),
        changed=_changed(book),
        episodes=tuple(episodes_of(listed, addresses, clip_sizes(store, parts_of(book)))),
    )


def shelf_show(shelf: Sequence[ShelvedBook], user_id: UUID, addresses: Addresses, store: Store) -> Show:
    """Return the feed of a shelf, whose books are given in the order in which they are to be listed."""
    sizes = clip_sizes(store, (part for place in shelf for part in parts_of(place.book)))
    dates = reversed([*first_dates((place.book, place.added) for place in reversed(shelf))])
    listed = [
        ListedBook(place.book, place.number, date, in_titles=True) for place, date in zip(shelf, dates, strict=True)
    ]
    languages = Counter(place.book.language for place in shelf)
    return Show(
        guid=shelf_guid(user_id),
        title=_SHELF_TITLE,
        description=about_shelf(),
        language=languages.most_common(1)[0][0] if languages else _SHELF_LANGUAGE,
        address=addresses.shelf,
        home=addresses.base,
        cover=addresses.cover(shelf[0].book.id) if shelf else None,
        credits=Credits(author="", narrator=SYNTHETIC_VOICE),
        changed=max((max(place.added, _changed(place.book)) for place in shelf), default=_BEFORE_ALL_BOOKS),
        episodes=tuple(episode for book in listed for episode in episodes_of(book, addresses, sizes)),
    )


def _changed(book: BookRow) -> datetime:
    parts = (part.updated_at for part in parts_of(book))
    return max(book.updated_at, *parts, *(file.created_at for file in book.files))
