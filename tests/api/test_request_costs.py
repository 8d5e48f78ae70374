"""What everybody's requests cost, as administrators see it."""

from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from bookbytes_api.app import services_of
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.service import own_run_id
from bookbytes_api.people.requests import PersonsRequest, list_requests
from bookbytes_api.people.spending import Cost
from bookbytes_pipeline.domain.provider_usage import SpendingKey, Unit
from bookbytes_pipeline.library.usage import add_run_spending
from tests.api.client import Api, offline_settings
from tests.api.factories import ISBN, numbered_book

INPUT = SpendingKey("openai", "made-up", Unit.INPUT_TOKENS)
OUTPUT = SpendingKey("openai", "made-up", Unit.OUTPUT_TOKENS)
SPOKEN = SpendingKey("openai", "made-up-voice", Unit.CHARACTERS)
SPOKEN_FOR_NOTHING = SpendingKey("gtts", "translate.google.com", Unit.CHARACTERS)


@pytest.mark.parametrize(
    ("spent", "dollars"),
    [
        ({INPUT: 1_000_000, OUTPUT: 500_000}, 2.0 + 4.0),
        ({INPUT: 1_000_000, SPOKEN_FOR_NOTHING: 3_000_000}, 2.0),
        ({INPUT: 1_000_000, SPOKEN: 1}, None),
        ({}, 0.0),
    ],
)
def test_dollars_need_a_price_for_all_that_was_bought(
    tmp_path: Path, spent: dict[SpendingKey, int], dollars: float | None
) -> None:
    """Voices of this machine and Google's cost nothing; a sum without the price of a part would be too small."""
    settings = offline_settings(tmp_path, llm_input_price=2, llm_output_price=8)

    assert dollars == Cost.of([spent], settings).dollars


def requests(api: Api, offset: int = 0, size: int = 20) -> tuple[list[PersonsRequest], int]:
    """A page of all requests."""
    services = services_of(api.app)
    return list_requests(services.database, services.runs, api.settings, offset, size)


def test_a_request_that_waits_has_cost_nothing_yet(api: Api) -> None:
    """Neither its title nor how long it takes is known."""
    ada = api.user()
    job = api.ask("POST", "/api/v1/books/process", ada, json={"isbn": ISBN}).json()

    [request], total = requests(api)

    assert (1, UUID(job["job_id"]), ada.email, "pending") == (total, request.job.id, request.email, request.status)
    assert (None, None, True, False) == (request.title, request.seconds, request.cost.is_nothing, request.is_shared)
    page = api.ask("GET", "/people/requests", ada).text
    assert [1, 1] == [page.count(words) for words in ("Nothing yet", f"ISBN {ISBN}")]


def test_requests_come_in_pages(api: Api) -> None:
    """The newest first; what all attempts of a request have bought is added up."""
    ada = api.user()
    ids = [uuid4() for _ in range(3)]
    with closing(api.database) as database, database.session() as session:
        for number, job_id in enumerate(ids):
            own = own_run_id(job_id, 2)
            isbn = numbered_book(number).isbn
            ended = {"request_id": "", "outcome": "completed", "run_id": own, "attempt": 2}
            session.add(JobRow(id=job_id, user_id=UUID(ada.id), isbn=isbn, **ended))
            session.flush()
            for attempt in (1, 2):
                add_run_spending(session, own_run_id(job_id, attempt), {INPUT: 10 * attempt})

    newest, total = requests(api, size=1)
    older, _ = requests(api, offset=1, size=2)
    assert 3 == total
    assert [*reversed(ids)] == [request.job.id for request in (*newest, *older)]
    assert {30} == {request.cost.input_tokens for request in (*newest, *older)}
    assert [422, 200] == [api.ask("GET", f"/people/requests?page={number}", ada).status_code for number in (0, 2)]
