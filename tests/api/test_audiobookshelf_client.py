"""The client library `aioaudiobookshelf`, which Music Assistant uses, as it is: it decodes every answer strictly."""

import asyncio
import sys
from pathlib import Path

import pytest

from bookbytes_api.audiobookshelf.items import LIBRARY_ID
from tests.api.client import PASSWORD, Api, offline_settings, serving_live
from tests.api.factories import SOUND, publish_book

if sys.version_info < (3, 12):
    pytest.skip("aioaudiobookshelf needs Python 3.12", allow_module_level=True)

import aioaudiobookshelf as abs_client  # type: ignore[import-not-found,unused-ignore] # only from Python 3.12 on
from aioaudiobookshelf.client import UserClient
from aioaudiobookshelf.client.session_configuration import SessionConfiguration
from aioaudiobookshelf.schema.calls_items import PlaybackSessionParameters
from aioaudiobookshelf.schema.calls_session import CloseOpenSessionsParameters
from aioaudiobookshelf.schema.session import DeviceInfo
from aiohttp import ClientSession

LENGTH = 2 * len(SOUND) * 0.6
"""Of the published book, in seconds: two of its chapters have a clip."""


def test_it_lists_and_plays_a_book_and_finds_the_place_again(tmp_path: Path) -> None:
    """Also with refreshed tokens, in another client, and after logging out no more."""
    with serving_live(offline_settings(tmp_path / "home")) as api:
        item = str(publish_book(api.settings))
        api.user("ada")
        asyncio.run(_listen(api, item))


async def _listen(api: Api, item: str) -> None:
    async with ClientSession() as session:
        client = await _client(session, api)
        await _browse(client, item)
        played = await client.get_playback_session(
            session_parameters=PlaybackSessionParameters(device_info=DeviceInfo(client_name="Test")), item_id=item
        )
        assert (0, [0, LENGTH / 2]) == (played.current_time, [track.start_offset for track in played.audio_tracks])
        track = f"{client.session_config.url}{played.audio_tracks[0].content_url}?token={client.token}"
        async with session.get(track, headers={"Range": "bytes=5-9"}) as part:
            assert (206, SOUND[5:10]) == (part.status, await part.read())
        await client.sync_open_session(session_id=played.id_, parameters=_sync(current_time=1300.0, time_listened=20.0))
        await client.sync_open_session(session_id=played.id_, parameters=_sync(current_time=1310.0, time_listened=10.0))
        assert 1310.0 == (await client.get_open_session(session_id=played.id_)).current_time
        await client.close_open_session(session_id=played.id_)

        other = await _client(session, api)
        await other.refresh()
        [place] = (await other.get_my_user()).media_progress
        assert (item, 1310.0, False) == (place.library_item_id, place.current_time, place.is_finished)
        [listed] = [each async for page in other.get_my_listening_sessions() for each in page.sessions]
        assert (30.0, 1310.0) == (listed.time_listening, listed.current_time)
        assert [item] == [each.id_ for each in await other.get_my_items_in_progress()]
        await other.sync_local_sessions(playback_sessions=[listed])
        await other.update_my_media_progress(
            item_id=item, duration_seconds=LENGTH, progress_seconds=600.0, is_finished=False
        )
        again = await other.get_my_media_progress(item_id=item)
        assert again is not None
        assert 600.0 == again.current_time
        await other.remove_my_media_progress(media_progress_id=again.id_)
        assert await other.get_my_media_progress(item_id=item) is None
        await other.logout()


async def _browse(client: UserClient, item: str) -> None:
    [library] = await client.get_all_libraries()
    assert str(LIBRARY_ID) == library.id_ == (await client.get_library(library_id=library.id_)).id_
    assert (await client.get_library_with_filterdata(library_id=library.id_)).filterdata.languages == ["en"]
    pages = [page async for page in client.get_library_items(library_id=library.id_)]
    assert [item] == [each.id_ for page in pages for each in page.results]
    expanded = await client.get_library_item_book(book_id=item, expanded=True)
    assert ["Springs", "Deltas"] == [chapter.title for chapter in expanded.media.chapters]
    assert (LENGTH, "Ada Ford") == (expanded.media.duration, expanded.media.metadata.author_name)
    plain = await client.get_library_item_book(book_id=item)
    assert "On Rivers" == plain.media.metadata.title
    assert [item] == [each.id_ for each in await client.get_library_item_batch_book(item_ids=[item])]
    shelves = await client.get_library_personalized_view(library_id=library.id_)
    assert ["recently-added"] == [shelf.id_ for shelf in shelves]


async def _client(session: ClientSession, api: Api) -> UserClient:
    address = f"http://127.0.0.1:{api.settings.port}/audiobookshelf"
    configuration = SessionConfiguration(session=session, url=address)
    return await abs_client.get_user_client(session_config=configuration, username="ada@example.org", password=PASSWORD)


def _sync(*, current_time: float, time_listened: float) -> CloseOpenSessionsParameters:
    return CloseOpenSessionsParameters(current_time=current_time, time_listened=time_listened, duration=LENGTH)
