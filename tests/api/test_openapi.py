"""The OpenAPI document, stable in the names that generated clients use; `make check` validates it."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bookbytes_api.accounts.service import parse_email
from bookbytes_api.app import create_app
from bookbytes_pipeline.constants import QUEUED, STAGES
from bookbytes_pipeline.sample.epub import SAMPLE_ISBN, SAMPLE_TITLE
from tests.api.client import offline_settings
from tests.cli_runner import COMMANDS

OPERATION_IDS = {
    "POST /api/v1/auth/register": "register",
    "POST /api/v1/auth/login": "login",
    "GET /api/v1/auth/me": "get_current_user",
    "DELETE /api/v1/auth/me": "close_account",
    "POST /api/v1/auth/refresh": "refresh_login",
    "POST /api/v1/auth/logout": "logout",
    "POST /api/v1/auth/logout-everywhere": "logout_everywhere",
    "GET /api/v1/auth/sessions": "list_sessions",
    "DELETE /api/v1/auth/sessions/{session_id}": "end_session",
    "PUT /api/v1/auth/password": "change_password",
    "POST /api/v1/auth/password-reset": "reset_password",
    "GET /api/v1/users": "list_users",
    "PATCH /api/v1/users/{user_id}": "change_user",
    "POST /api/v1/users/{user_id}/password-reset": "create_reset_link",
    "POST /api/v1/auth/tokens": "create_token",
    "GET /api/v1/auth/tokens": "list_tokens",
    "DELETE /api/v1/auth/tokens/{token_id}": "revoke_token",
    "GET /api/v1/me/positions": "list_positions",
    "POST /api/v1/me/positions": "report_positions",
    "GET /api/v1/me/positions/{book_id}": "get_position",
    "PUT /api/v1/me/positions/{book_id}": "report_position",
    "DELETE /api/v1/me/positions/{book_id}": "delete_position",
    "GET /api/v1/me/positions/{book_id}/history": "get_position_history",
    "GET /api/v1/me/listening": "get_listening",
    "POST /api/v1/me/listening/sessions": "open_listening_session",
    "PUT /api/v1/me/listening/sessions/{session_id}": "sync_listening_session",
    "POST /api/v1/me/listening/sessions/offline": "report_listening_sessions",
    "GET /api/v1/me/bookmarks": "list_bookmarks",
    "POST /api/v1/me/bookmarks": "create_bookmark",
    "PATCH /api/v1/me/bookmarks/{bookmark_id}": "update_bookmark",
    "DELETE /api/v1/me/bookmarks/{bookmark_id}": "delete_bookmark",
    "GET /api/v1/me/bookmarks/export": "export_bookmarks",
    "POST /api/v1/books/process": "process_book",
    "GET /api/v1/jobs": "list_jobs",
    "GET /api/v1/voices": "list_voices",
    "GET /api/v1/jobs/{job_id}": "get_job",
    "POST /api/v1/jobs/{job_id}/cancel": "cancel_job",
    "POST /api/v1/jobs/{job_id}/retry": "retry_job",
    "GET /api/v1/jobs/{job_id}/events": "stream_job_events",
    "GET /api/v1/books": "list_books",
    "GET /api/v1/books/{book_id}": "get_book",
    "DELETE /api/v1/books/{book_id}": "delete_book",
    "GET /api/v1/books/isbn/{isbn}": "get_book_by_isbn",
    "GET /api/v1/books/isbn/{isbn}/preview": "preview_book",
    "GET /api/v1/books/isbn/{isbn}/estimate": "estimate_book",
    "GET /api/v1/search": "search_chapters",
    "GET /api/v1/search/books": "search_books",
    "PUT /api/v1/books/isbn/{isbn}/text": "attach_text",
    "GET /api/v1/books/isbn/{isbn}/chapters": "get_text_chapters",
    "PUT /api/v1/books/isbn/{isbn}/chapters": "correct_text_chapters",
    "DELETE /api/v1/books/isbn/{isbn}/chapters": "reset_text_chapters",
    "GET /api/v1/books/{book_id}/chapters": "list_chapters",
    "GET /api/v1/chapters/{chapter_id}": "get_chapter",
    "GET /api/v1/chapters/{chapter_id}/evidence": "get_chapter_evidence",
    "GET /api/v1/chapters/{chapter_id}/audio": "get_chapter_audio",
    "HEAD /api/v1/chapters/{chapter_id}/audio": "head_chapter_audio",
    "GET /api/v1/books/{book_id}/download": "download_book",
    "HEAD /api/v1/books/{book_id}/download": "head_book_file",
    "GET /api/v1/books/{book_id}/manifest.json": "get_book_manifest",
    "POST /api/v1/me/feeds": "create_feed",
    "GET /feeds/shelf.xml": "get_shelf_feed",
    "HEAD /feeds/shelf.xml": "head_shelf_feed",
    "GET /feeds/books/{book_id}/feed.xml": "get_book_feed",
    "HEAD /feeds/books/{book_id}/feed.xml": "head_book_feed",
    "GET /feeds/clips/{chapter_id}/{file_name}": "get_feed_clip",
    "HEAD /feeds/clips/{chapter_id}/{file_name}": "head_feed_clip",
    "GET /feeds/books/{book_id}/files/{file_name}": "get_feed_file",
    "HEAD /feeds/books/{book_id}/files/{file_name}": "head_feed_file",
    "GET /feeds/books/{book_id}/chapters.json": "get_feed_chapters",
    "HEAD /feeds/books/{book_id}/chapters.json": "head_feed_chapters",
    "GET /feeds/books/{book_id}/cover.jpg": "get_feed_cover",
    "HEAD /feeds/books/{book_id}/cover.jpg": "head_feed_cover",
    "GET /api/v1/chapters/{chapter_id}/transcript.vtt": "get_chapter_transcript",
    "HEAD /api/v1/chapters/{chapter_id}/transcript.vtt": "head_chapter_transcript",
    "GET /api/v1/books/{book_id}/cover": "get_book_cover",
    "HEAD /api/v1/books/{book_id}/cover": "head_book_cover",
    "GET /opds": "get_opds",
    "HEAD /opds": "head_opds",
    "GET /opds/search.xml": "get_opds_search_description",
    "GET /opds/v2/authentication": "get_opds_authentication",
    "GET /opds/v1.2": "get_opds1_root",
    "HEAD /opds/v1.2": "head_opds1_root",
    "GET /opds/v1.2/books": "get_opds1_books",
    "HEAD /opds/v1.2/books": "head_opds1_books",
    "GET /opds/v1.2/new": "get_opds1_new_books",
    "HEAD /opds/v1.2/new": "head_opds1_new_books",
    "GET /opds/v1.2/search": "get_opds1_search",
    "HEAD /opds/v1.2/search": "head_opds1_search",
    "GET /opds/v1.2/books/{book_id}": "get_opds1_publication",
    "HEAD /opds/v1.2/books/{book_id}": "head_opds1_publication",
    "GET /opds/v2": "get_opds2_root",
    "HEAD /opds/v2": "head_opds2_root",
    "GET /opds/v2/books": "get_opds2_books",
    "HEAD /opds/v2/books": "head_opds2_books",
    "GET /opds/v2/new": "get_opds2_new_books",
    "HEAD /opds/v2/new": "head_opds2_new_books",
    "GET /opds/v2/search": "get_opds2_search",
    "HEAD /opds/v2/search": "head_opds2_search",
    "GET /opds/v2/books/{book_id}": "get_opds2_publication",
    "HEAD /opds/v2/books/{book_id}": "head_opds2_publication",
    "GET /health/live": "get_liveness",
    "GET /health/ready": "get_readiness",
    "HEAD /health/live": "head_liveness",
    "HEAD /health/ready": "head_readiness",
}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document of an application that has not been started."""
    home: Path = tmp_path_factory.mktemp("home")
    return create_app(offline_settings(home)).openapi_schema.to_schema()


def _operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def test_summaries_are_sentences(document: dict[str, Any]) -> None:
    """They say what an operation does, and not only what it is called."""
    summaries = {name: operation["summary"] for name, operation in _operations(document).items()}

    assert "Get a book with its ISBNs and chapters" == summaries["GET /api/v1/books/{book_id}"]
    assert all(" " in summary and not summary.endswith(".") for summary in summaries.values())


def test_closed_sets_are_enums(document: dict[str, Any]) -> None:
    """Generated clients get a type for them."""
    schemas = document["components"]["schemas"]
    steps = {stage.current_step for stage in STAGES.values()} | {QUEUED}
    step, nothing = schemas["Job"]["properties"]["current_step"]["oneOf"]

    assert (steps, {"type": "null"}) == (set(step["enum"]), nothing)
    assert {"full_text", "model_memory"} == set(schemas["Grounding"]["enum"])


def test_examples_are_of_things_that_are_there(document: dict[str, Any]) -> None:
    """Whoever tries the documentation out asks for the sample book, with an account that can be registered."""
    schemas = document["components"]["schemas"]
    registration = {name: field["examples"][0] for name, field in schemas["Registration"]["properties"].items()}
    login = _operations(document)["POST /api/v1/auth/login"]["requestBody"]["content"]["application/json"]["schema"]

    assert [SAMPLE_ISBN] == schemas["ProcessBookRequest"]["properties"]["isbn"]["examples"]
    assert [SAMPLE_TITLE] == schemas["Job"]["properties"]["title"]["examples"]
    assert registration == {name: field["examples"][0] for name, field in login["properties"].items()}
    assert parse_email(registration["email"])
    assert len(registration["password"]) >= 8


def test_clips_are_files(document: dict[str, Any]) -> None:
    """Generated clients do not take them for text."""
    responses = _operations(document)["GET /api/v1/chapters/{chapter_id}/audio"]["responses"]

    binary = {"type": "string", "format": "binary"}
    assert [binary, binary] == [responses[status]["content"]["audio/mpeg"]["schema"] for status in ("200", "206")]


@pytest.mark.parametrize(("mode", "schemes"), [("jwt", ["BearerToken"]), ("api_key", ["BearerToken", "APIKey"])])
def test_the_api_key_is_documented_where_it_is_accepted(tmp_path: Path, mode: str, schemes: list[str]) -> None:
    """As another way to authenticate, so that Swagger UI and generated clients can send it."""
    settings = offline_settings(tmp_path, auth_mode=mode, api_key="a-key-for-this-test")
    document = create_app(settings).openapi_schema.to_schema()

    assert schemes == [
        name for name in document["components"]["securitySchemes"] if name not in {"ListenURL", "TokenInAddress"}
    ]
    assert [{scheme: []} for scheme in schemes] == document["security"]


def test_an_address_is_documented_as_the_key_to_what_is_played_alone(document: dict[str, Any]) -> None:
    """To a clip, what it says and the cover of its book; beside the token, and nowhere else."""
    takers = {route for route, operation in _operations(document).items() if {"ListenURL": []} in operation["security"]}

    played = ("chapters/{chapter_id}/audio", "chapters/{chapter_id}/transcript.vtt", "books/{book_id}/cover")
    assert {f"{method} /api/v1/{path}" for method in ("GET", "HEAD") for path in played} == takers
    assert {"BearerToken": []} in _operations(document)["GET /api/v1/chapters/{chapter_id}/audio"]["security"]


def test_operation_ids_are_stable(document: dict[str, Any]) -> None:
    """Generated clients use them as names of functions."""
    ids = {route: operation["operationId"] for route, operation in _operations(document).items()}

    assert OPERATION_IDS == ids


def test_schema_names_read_like_class_names(document: dict[str, Any]) -> None:
    """Generated clients use them as names of classes."""
    schemas = document["components"]["schemas"]
    items = {name: schemas[name]["properties"]["items"]["items"]["$ref"] for name in ("BookPage", "JobPage")}

    assert [] == [name for name in schemas if not name.isalnum()]
    assert {"BookPage": "#/components/schemas/BookListItem", "JobPage": "#/components/schemas/Job"} == items


def test_the_reference_names_every_field(document: dict[str, Any]) -> None:
    """docs/reference/http-api.md says what they mean."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "http-api.md").read_text()
    named = {name for code in re.findall(r"```.*?```|`[^`]+`", page, re.DOTALL) for name in re.findall(r"\w+", code)}
    fields = {field for schema in document["components"]["schemas"].values() for field in schema.get("properties", {})}

    assert set() == fields - named


def test_errors_are_documented_in_both_formats(document: dict[str, Any]) -> None:
    """Every error response has the usual body and problem details."""
    contents = [
        response["content"]
        for operation in _operations(document).values()
        for status, response in operation["responses"].items()
        if "application/opds-authentication+json" not in response.get("content", {})  # what OPDS 2.0 wants for a 401
        if int(status) >= 400 and not operation["operationId"].endswith("_readiness")
    ]

    assert contents
    assert {("application/json", "application/problem+json")} == {tuple(content) for content in contents}


def test_litestars_own_command_lists_the_routes(tmp_path: Path) -> None:
    """It needs neither a configured home nor a running server."""
    environment = {**os.environ, "BOOKBYTES_HOME": str(tmp_path / "home")}
    command = [COMMANDS / "litestar", "--app", "bookbytes_api.app:create_app", "routes"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert (0, True) == (done.returncode, "list_books" in done.stdout), done.stderr
