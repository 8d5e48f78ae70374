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

from bookbytes_api.accounts.user import User
from bookbytes_api.jobs.broadcast import JobBroadcaster
from bookbytes_api.jobs.reads import look_at, own_job_of
from bookbytes_api.jobs.snapshots import JobSnapshot, end_event_id
from bookbytes_api.runs.reader import Runs
from bookbytes_api.web.error_responses import error_responses
from bookbytes_pipeline.db.database import Database


@get(
    "/jobs/{job_id:uuid}/events",
    responses={
        204: ResponseSpec(None, description="The end has been told already"),
        **error_responses(400, 401, 404, 422, 503),
    },
    media_type="text/event-stream",
)
async def events(
    job_id: FromPath[UUID],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[Runs],
    broadcaster: NamedDependency[JobBroadcaster],
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID", max_length=64)] = None,
) -> ServerSentEvent | Response[None]:
    """Your job as it goes: a `progress` event with the job after each change, and `end` with the last one.

    Whoever comes back with `Last-Event-ID` is told what happened since, and with 204 not to come back after the end.
    """
    row = await sync_to_thread(own_job_of, database, user.id, job_id)
    if row.outcome is None:
        return ServerSentEvent(_told(broadcaster.follow(row, last_event_id)))
    if last_event_id == end_event_id(row.attempt):
        return Response(None, status_code=204)
    view = await sync_to_thread(look_at, database, runs, user.id, job_id)
    return ServerSentEvent(_only(JobSnapshot(end_event_id(row.attempt), view)))


async def _told(sights: AsyncGenerator[JobSnapshot | None]) -> AsyncIterator[ServerSentEventMessage]:
    async with aclosing(sights):
        async for sight in sights:
            if sight is None:
                yield ServerSentEventMessage(data=None, comment="still there")
            else:
                yield _event(sight)


async def _only(sight: JobSnapshot) -> AsyncIterator[ServerSentEventMessage]:
    yield _event(sight)


def _event(sight: JobSnapshot) -> ServerSentEventMessage:
    kind = "end" if sight.job.completed_at else "progress"
    return ServerSentEventMessage(data=msgspec.json.encode(sight.job), event=kind, id=sight.place)


router = Router("/", route_handlers=[events], tags=["jobs"])
