"""Launching and cancelling runs: the one module that uses what Dagster does not document.

Dagster has no public way to launch a run of a code server from another process with a chosen id, and
that id is what makes a launch happen once. Its GraphQL server does what is done here. The version is pinned and
`tests/api/test_launcher.py` holds every property that the rest of the API relies on.
"""

import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import cast

import dagster as dg
import grpc
from dagster._core.definitions.selector import JobSubsetSelector
from dagster._core.errors import DagsterRunAlreadyExists, DagsterUserCodeUnreachableError
from dagster._core.events import DagsterEvent
from dagster._core.remote_representation.code_location import CodeLocation, GrpcServerCodeLocation
from dagster._core.remote_representation.external import RemoteExecutionPlan, RemoteJob
from dagster._core.snap import JobSnap
from dagster._core.storage.tags import AUTO_RETRY_RUN_ID_TAG
from dagster._core.workspace.context import WorkspaceProcessContext, WorkspaceRequestContext
from dagster._core.workspace.load_target import GrpcServerTarget

from bookbytes_api.errors import DagsterUnavailable
from bookbytes_api.runs.connection import DATABASE_AWAY, Connection
from bookbytes_pipeline.constants import JOB, LOCATION, PARTITION_TAG
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.instance.awaited_retries import report_failure_again
from bookbytes_pipeline.instance.partitions import add_isbn

_CANCELABLE = {dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTED}
CODE_SERVER_TIMEOUT_S = 1.5
"""For the code server to take a connection, and again to answer on it."""
_CODE_SERVER_AWAY = (
    "Dagster's code server does not answer, so no book can be made now. `bookbytes serve` starts it, and where it has "
    "a machine of its own, `bookbytes code-server`."
)
_RECORDS_AWAY = "Dagster's records cannot be reached, so no book can be made now. Try again when its database is back."


@dataclass(frozen=True)
class Launch:
    """A run that is to be launched: its id, its book and its tags."""

    run_id: str
    isbn: ISBN
    tags: Mapping[str, str]


@dataclass(frozen=True)
class RunTemplate:
    """What all runs of a job have in common: everything that the code server has to be asked for before a launch."""

    workspace: WorkspaceRequestContext
    job: RemoteJob
    snapshot: JobSnap
    plan: RemoteExecutionPlan


class Launcher:
    """Launches runs on a code server, and cancels them. Safe to use from many threads.

    `host` and `port` become part of every run's origin: by them a code server knows its own.
    """

    def __init__(self, connection: Connection, port: int, host: str = "127.0.0.1") -> None:
        self._connection = connection
        self._target = GrpcServerTarget(host=host, port=port, socket=None, location_name=LOCATION)
        self._lock = Lock()
        self._opened: WorkspaceProcessContext | None = None

    def close(self) -> None:
        """Close the connection to the code server."""
        if self._opened is not None:
            self._opened.__exit__(None, None, None)

    def template(self, job_name: str = JOB) -> RunTemplate:
        """Ask the code server for what all runs of a job have in common. Raises `DagsterUnavailable`."""
        instance = self._connection.instance
        try:
            workspace, location = self._code()
            job = location.get_job(_whole(job_name))
            plan = location.get_execution_plan(job, {}, step_keys_to_execute=None, known_state=None, instance=instance)
            return RunTemplate(workspace, job, job.job_snapshot, plan)
        except (DagsterUserCodeUnreachableError, OSError) as error:
            raise DagsterUnavailable(_CODE_SERVER_AWAY) from error
        except DATABASE_AWAY as error:
            raise DagsterUnavailable(_RECORDS_AWAY) from error

    def submit(self, launch: Launch, template: RunTemplate | None = None) -> None:
        """Queue the run; a second time, from whichever process, changes nothing. Raises `DagsterUnavailable`.

        With a `template` this takes as long as Dagster's database does; the code server is not asked again.
        """
        instance, template = self._connection.instance, template or self.template()
        try:
            add_isbn(instance, launch.isbn)
            self._create_queued(template, launch)
        except (DagsterUserCodeUnreachableError, OSError) as error:
            raise DagsterUnavailable(_CODE_SERVER_AWAY) from error
        except DATABASE_AWAY as error:
            raise DagsterUnavailable(_RECORDS_AWAY) from error

    def cancel(self, run_id: str) -> bool:
        """Ask the run to stop; False while it is just starting, which is when it does not listen.

        Raises `DagsterUnavailable`.
        """
        instance = self._connection.instance
        try:
            run = instance.get_run_by_id(run_id)
            if run is None or run.is_finished or run.status == dg.DagsterRunStatus.CANCELING:
                return True
            if run.status == dg.DagsterRunStatus.NOT_STARTED:
                instance.report_run_canceled(run)  # made, and never queued
                return True
            if run.status not in _CANCELABLE:
                return False
            if run.status == dg.DagsterRunStatus.STARTED:
                self._require_listening()  # before Dagster notes that it is being cancelled, and never asks again
            return bool(instance.run_coordinator.cancel_run(run_id))
        except (dg.DagsterError, OSError) as error:
            raise DagsterUnavailable(_CODE_SERVER_AWAY) from error
        except DATABASE_AWAY as error:
            raise DagsterUnavailable(_RECORDS_AWAY) from error

    def renew_retry(self, run_id: str) -> bool:
        """Report the failure of a run once more if Dagster said that it will retry it and has not; return if it was.

        The daemon reads each failure once, and forgets one that it reads in the moment before Dagster has marked the
        run as failed. Raises `DagsterUnavailable` where the records cannot be reached.
        """
        try:
            instance = self._connection.instance
            run = instance.get_run_by_id(run_id)
            if run is None or run.status != dg.DagsterRunStatus.FAILURE or AUTO_RETRY_RUN_ID_TAG in run.tags:
                return False
            report_failure_again(instance, run, "The announced retry has not come: the failure is reported again.")
        except (dg.DagsterError, *DATABASE_AWAY) as error:
            raise DagsterUnavailable(_RECORDS_AWAY) from error
        return True

    def require_reachable(self) -> None:
        """Raise `DagsterUnavailable` unless a run could be launched now."""
        try:
            cast("GrpcServerCodeLocation", self._code()[1]).client.ping("")
        except (DagsterUserCodeUnreachableError, OSError) as error:
            raise DagsterUnavailable(_CODE_SERVER_AWAY) from error
        except DATABASE_AWAY as error:
            raise DagsterUnavailable(_RECORDS_AWAY) from error

    def _require_listening(self) -> None:
        """Give up soon: Dagster would wait 40 seconds for a server that has stopped answering."""
        host, port = self._target.host, self._target.port
        socket.create_connection((host, port), timeout=CODE_SERVER_TIMEOUT_S).close()
        with grpc.insecure_channel(f"{host}:{port}") as channel:
            try:
                grpc.channel_ready_future(channel).result(timeout=CODE_SERVER_TIMEOUT_S)
            except grpc.FutureTimeoutError as error:
                raise DagsterUnavailable(_CODE_SERVER_AWAY) from error

    @property
    def _workspace(self) -> WorkspaceProcessContext:
        with self._lock:
            if self._opened is None:
                self._opened = WorkspaceProcessContext(self._connection.instance, self._target)
            return self._opened

    def _code(self) -> tuple[WorkspaceRequestContext, CodeLocation]:
        """Return the code location; one that could not be loaded is loaded again, because the server may be back."""
        self._require_listening()
        context = self._workspace.create_request_context()
        if not context.has_code_location(LOCATION):
            self._workspace.refresh_workspace()
            self._require_listening()
        context = self._workspace.create_request_context()
        if not context.has_code_location(LOCATION):
            raise DagsterUnavailable(_CODE_SERVER_AWAY)
        return context, context.get_code_location(LOCATION)

    def _create_queued(self, template: RunTemplate, launch: Launch) -> None:
        """Create the run as queued, in one statement, which only one of many launches of the same id can do.

        Dagster's own way has two, creating and submitting: a launch that is late with the second reports as queued
        what the daemon has already taken from the queue, and the run is started twice.
        """
        instance, job = self._connection.instance, template.job
        try:
            run = instance.create_run(
                job_name=job.name,
                run_id=launch.run_id,
                run_config={},
                status=dg.DagsterRunStatus.QUEUED,
                tags={**job.tags, **launch.tags, PARTITION_TAG: launch.isbn},
                root_run_id=None,
                parent_run_id=None,
                step_keys_to_execute=None,
                execution_plan_snapshot=template.plan.execution_plan_snapshot,
                job_snapshot=template.snapshot,
                parent_job_snapshot=job.parent_job_snapshot,
                asset_selection=None,
                asset_check_selection=None,
                resolved_op_selection=None,
                op_selection=None,
                remote_job_origin=job.get_remote_origin(),
                job_code_origin=job.get_python_origin(),
                asset_graph=template.workspace.asset_graph,
            )
        except DagsterRunAlreadyExists:
            return
        # only kept, because reporting it would set the status; the daemon counts these when the code server is away
        event, now = DagsterEvent.job_enqueue(run), datetime.now(UTC).timestamp()
        entry = dg.EventLogEntry(  # type: ignore[no-untyped-call] # Dagster's constructor has no types
            None, logging.INFO, "", run.run_id, now, job_name=run.job_name, dagster_event=event
        )
        instance.event_log_storage.store_event(entry)


def _whole(job_name: str) -> JobSubsetSelector:
    return JobSubsetSelector(
        location_name=LOCATION,
        repository_name="__repository__",  # what Dagster calls the one repository of a module with `Definitions`
        job_name=job_name,
        op_selection=None,
    )
