"""A job as it goes, as server-sent events."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from bookbytes_api.accounts.user import Person
from bookbytes_api.jobs.broadcast import Watches
from bookbytes_api.jobs.reads import look_at, own_job_of
from bookbytes_api.jobs.snapshots import Sight, end_of
from bookbytes_api.runs.reader import Runs
from bookbytes_api.web.error_responses import fails
from bookbytes_pipeline.db.database import Library


@get(
    "/jobs/{job_id:uuid}/events",
    responses={
        204: ResponseSpec(None, description="The end has been told already"),
        **fails(400, 401, 404, 422, 503),
    },
    media_type="text/event-stream",
)
async def events(
    job_id: FromPath[UUID],
    person: NamedDependency[Person],
    library: NamedDependency[Library],
    runs: NamedDependency[Runs],
    watches: NamedDependency[Watches],
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID", max_length=64)] = None,
) -> ServerSentEvent | Response[None]:
    """Your job as it goes: a `progress` event with the job after each change, and `end` with the last one.

    Whoever comes back with `Last-Event-ID` is told what happened since, and with 204 not to come back after the end.
    """
    row = await sync_to_thread(own_job_of, library, person.id, job_id)
    if row.outcome is None:
        return ServerSentEvent(_told(watches.follow(row, last_event_id)))
    if last_event_id == end_of(row.attempt):
        return Response(None, status_code=204)
    view = await sync_to_thread(look_at, library, runs, person.id, job_id)
    return ServerSentEvent(_only(Sight(end_of(row.attempt), view)))


async def _told(sights: AsyncGenerator[Sight | None]) -> AsyncIterator[ServerSentEventMessage]:
    async with aclosing(sights):
        async for sight in sights:
            if sight is None:
                yield ServerSentEventMessage(data=None, comment="still there")
            else:
                yield _event(sight)


async def _only(sight: Sight) -> AsyncIterator[ServerSentEventMessage]:
    yield _event(sight)


def _event(sight: Sight) -> ServerSentEventMessage:
    kind = "end" if sight.job.completed_at else "progress"
    return ServerSentEventMessage(data=msgspec.json.encode(sight.job), event=kind, id=sight.place)


router = Router("/", route_handlers=[events], tags=["jobs"])
