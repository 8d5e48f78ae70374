"""Event streams as clients read them."""

import json
from collections.abc import Iterator
from typing import Any

import httpx


def events_of(stream: httpx.Response) -> Iterator[dict[str, Any]]:
    """The events of a stream as they arrive: kind, id and job."""
    event: dict[str, Any] = {}
    for line in stream.iter_lines():
        name, _, value = line.partition(": ")
        if name in {"event", "id", "data"}:
            event[name] = json.loads(value) if name == "data" else value
        if not line and event:
            yield event
            event = {}
