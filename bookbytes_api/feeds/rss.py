"""A show as RSS, with what iTunes' and the podcast namespace say of audiobooks.

Both are documented at https://github.com/Podcastindex-org/podcast-namespace, iTunes' in `itunes_reference.md`.
"""

from email.utils import format_datetime

from lxml.etree import SubElement, _Element, tostring

from bookbytes_api.feeds.chapters import CHAPTERS_TYPE
from bookbytes_api.feeds.shows import Credits, Episode, Show
from bookbytes_api.feeds.texts import MAX_NAME_CHARS, shortened
from bookbytes_api.feeds.xml import add, add_empty, new_feed

_GENERATOR = "BookBytes"
"""Also the author of what has none: apps show a gap, or a name of their own."""


def rss(show: Show) -> bytes:
    """Return the document, in UTF-8."""
    document = new_feed()
    channel = SubElement(document, "channel")
    _describe(channel, show)
    _classify(channel, show)
    for episode in show.episodes:
        _add_episode(SubElement(channel, "item"), episode)
    return tostring(document, encoding="UTF-8", xml_declaration=True)


def _describe(channel: _Element, show: Show) -> None:
    add(channel, "title", show.title)
    add(channel, "link", show.home)
    add_empty(channel, "atom:link", {"href": show.address, "rel": "self", "type": "application/rss+xml"})
    add(channel, "description", show.description)
    add(channel, "language", show.language)
    add(channel, "lastBuildDate", format_datetime(show.changed, usegmt=True))
    add(channel, "generator", _GENERATOR)
    add(channel, "itunes:author", shortened(show.credits.author) or _GENERATOR)
    if show.cover:
        add_empty(channel, "itunes:image", {"href": show.cover})


def _classify(channel: _Element, show: Show) -> None:
    """Say what kind of show it is, and that it is for one person alone."""
    arts = add_empty(channel, "itunes:category", {"text": "Arts"})
    add_empty(arts, "itunes:category", {"text": "Books"})
    add(channel, "itunes:explicit", "false")
    add(channel, "itunes:type", "serial")
    add(channel, "itunes:block", "Yes")
    add(channel, "podcast:guid", show.guid)
    add(channel, "podcast:medium", "audiobook")
    add(channel, "podcast:locked", "yes")
    add(channel, "podcast:block", "yes")
    _disclose(channel)
    _add_people(channel, show.credits)


def _add_episode(item: _Element, episode: Episode) -> None:
    add(item, "title", episode.title)
    add(item, "guid", episode.guid, {"isPermaLink": "false"})
    add(item, "pubDate", format_datetime(episode.published, usegmt=True))
    add_empty(item, "enclosure", {"url": episode.address, "length": str(episode.bytes), "type": episode.media_type})
    add(item, "description", episode.description)
    add(item, "itunes:duration", str(max(1, round(episode.seconds))))
    add(item, "itunes:explicit", "false")
    add(item, "itunes:author", shortened(episode.credits.author))
    add_empty(item, "itunes:image", {"href": episode.cover})
    _number(item, episode)
    if episode.transcript:
        attributes = {"url": episode.transcript, "type": "text/vtt", "language": episode.language}
        add_empty(item, "podcast:transcript", attributes)
    if episode.chapters:
        add_empty(item, "podcast:chapters", {"url": episode.chapters, "type": CHAPTERS_TYPE})
    _disclose(item)
    _add_people(item, episode.credits)


def _number(item: _Element, episode: Episode) -> None:
    """Number the episode; what is about the whole book has no number but its season's (iTunes allows no zero)."""
    season, number = str(episode.season), str(episode.number)
    add(item, "itunes:season", season)
    add(item, "podcast:season", season, {"name": shortened(episode.season_name, MAX_NAME_CHARS)})
    add(item, "itunes:episodeType", episode.kind)
    if episode.kind == "full":
        add(item, "itunes:episode", number)
        add(item, "podcast:episode", number, {"display": f"Ch. {number}"})


def _disclose(parent: _Element) -> None:
    """Say that a machine wrote and spoke it."""
    add(parent, "podcast:txt", "true", {"purpose": "ai-content"})


def _add_people(parent: _Element, people: Credits) -> None:
    add(parent, "podcast:person", shortened(people.author, MAX_NAME_CHARS), {"group": "writing", "role": "author"})
    add(parent, "podcast:person", shortened(people.narrator, MAX_NAME_CHARS), {"group": "cast", "role": "narrator"})
