"""Feeds of a library whose clips are in a bucket."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.client import Api, code, offline_settings, serving_api
from tests.api.factories import SOUND, publish_book
from tests.api.feeds import by_feedparser, fetch, new_feed
from tests.s3 import S3Server


@pytest.fixture
def api(s3: S3Server, tmp_path: Path) -> Iterator[Api]:
    """The API of a library whose store is a bucket, with one book."""
    with serving_api(offline_settings(tmp_path, **s3.settings(s3_link_seconds=90))) as running:
        publish_book(running.settings)
        yield running


def test_each_enclosure_plays_from_the_bucket(api: Api) -> None:
    """Whole and by range; its length is told before, as the feed tells it."""
    heard = by_feedparser(fetch(api, new_feed(api, api.user())["feed_url"]))[1]

    for episode, sound in zip(heard, (SOUND, SOUND[::-1]), strict=True):
        answers = [api.client.request(method, episode.url, follow_redirects=False) for method in ("GET", "HEAD")]
        address, for_head = (answer.headers["Location"] for answer in answers)
        whole, part = httpx.get(address), httpx.get(address, headers={"Range": "bytes=500-749"})
        beyond = httpx.get(address, headers={"Range": "bytes=5000-"})

        assert [(307, "no-referrer", "noindex")] * 2 == [
            (answer.status_code, answer.headers["Referrer-Policy"], answer.headers["X-Robots-Tag"])
            for answer in answers
        ]
        assert (sound, episode.bytes) == (whole.content, int(httpx.head(for_head).headers["Content-Length"]))
        assert (206, sound[500:750], 416) == (part.status_code, part.content, beyond.status_code)
        assert "token=" not in address + for_head


def test_a_revoked_token_gets_no_address_in_the_bucket(api: Api) -> None:
    """That one would be valid without any token."""
    ada = api.user()
    feed = new_feed(api, ada)
    [first, _] = by_feedparser(fetch(api, feed["feed_url"]))[1]

    api.ask("DELETE", f"/api/v1/auth/tokens/{feed['token_id']}", ada)
    answer = api.client.get(first.url, follow_redirects=False)

    assert (401, "NOT_AUTHENTICATED") == code(answer)
    assert "Location" not in answer.headers
