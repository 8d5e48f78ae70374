"""Groups of Dagster's run statuses."""

import dagster as dg

WAITING = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.QUEUED]
"""Created, but not launched yet."""

IN_PROGRESS = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
"""Launched, but not ended yet."""
