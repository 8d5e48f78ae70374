"""The progress of a job as server-sent events."""

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

from bookbytes_api.accounts.listen_urls import Sign
from bookbytes_api.accounts.user import User
from bookbytes_api.jobs.broadcast import JobBroadcaster
from bookbytes_api.jobs.reads import own_job, view_job
from bookbytes_api.jobs.schemas import with_listen_urls
from bookbytes_api.jobs.snapshots import JobSnapshot, end_event_id
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.web.error_responses import error_responses
from bookbytes_pipeline.db.database import Database


@get(
    "/jobs/{job_id:uuid}/events",
    operation_id="stream_job_events",
    responses={
        204: ResponseSpec(None, description="The client has seen the end already."),
        **error_responses(400, 401, 404, 422, 503),
    },
    media_type="text/event-stream",
)
async def stream_job_events(
    job_id: FromPath[UUID],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[RunReader],
    broadcaster: NamedDependency[JobBroadcaster],
    sign_listen_url: NamedDependency[Sign],
    last_event_id: Annotated[
        str | None,
        HeaderParameter(name="Last-Event-ID", max_length=64, description="The id of the last event that was received."),
    ] = None,
) -> ServerSentEvent | Response[None]:
    """Stream your job: a `progress` event with the job after each change, and a last event `end`.

    With `Last-Event-ID` the stream continues after that event; after the end the answer is 204, and clients that
    follow the standard do not reconnect.
    """
    job = await sync_to_thread(own_job, database, user.id, job_id)
    if last_event_id == end_event_id(job.attempt):
        return Response(None, status_code=204)
    if job.end is None:
        return ServerSentEvent(_messages(broadcaster.follow(job, last_event_id), sign_listen_url))
    view = await sync_to_thread(view_job, database, runs, user.id, job_id)
    return ServerSentEvent([_message(JobSnapshot(end_event_id(job.attempt), view), sign_listen_url)])


async def _messages(snapshots: AsyncGenerator[JobSnapshot | None], sign: Sign) -> AsyncIterator[ServerSentEventMessage]:
    async with aclosing(snapshots):
        async for snapshot in snapshots:
            yield _heartbeat() if snapshot is None else _message(snapshot, sign)


def _heartbeat() -> ServerSentEventMessage:
    return ServerSentEventMessage(data=None, comment="still there")


def _message(snapshot: JobSnapshot, sign: Sign) -> ServerSentEventMessage:
    """The snapshot is shared by all who follow its run; the addresses are this listener's own."""
    kind = "end" if snapshot.is_last else "progress"
    job = with_listen_urls(snapshot.job, sign)
    return ServerSentEventMessage(data=msgspec.json.encode(job), event=kind, id=snapshot.event_id)


router = Router("/", route_handlers=[stream_job_events], tags=["jobs"])
