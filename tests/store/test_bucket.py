"""What only a bucket does: links that need no credentials, and errors of a server that checks credentials."""

from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import httpx
import pytest
from aiohttp import web
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from yarl import URL

from bookbytes_pipeline.db.outages import is_outage
from bookbytes_pipeline.domain.errors import StoreUnavailable, StoreUnsuitable
from bookbytes_pipeline.settings import load_settings
from bookbytes_pipeline.store.bucket import Bucket
from bookbytes_pipeline.store.store import open_store
from tests.fakes.server import serving
from tests.free_ports import lasting_port
from tests.s3 import BUCKET, KEYS, S3Server

KEY = "chapter_audio/9780306406157/01-abc.mp3"
SOUND = bytes(number % 251 for number in range(2000))
NAME = "inline; filename=\"On Rivers - 01 Springs.mp3\"; filename*=UTF-8''On%20Rivers%20-%2001%20Springs.mp3"


@pytest.fixture
def bucket(s3: S3Server, tmp_path: Path) -> Bucket:
    """A bucket with one clip in it."""
    files = open_store(load_settings(bookbytes_home=tmp_path, **s3.settings()).store_config).files
    assert isinstance(files, Bucket)
    files.write(KEY, SOUND)
    return files


def link(bucket: Bucket, method: str = "GET") -> str:
    """The signed URL of the clip."""
    assert method in {"GET", "HEAD"}
    return bucket.link(KEY, method=method, seconds=60, media_type="audio/mpeg", disposition=NAME)  # type: ignore[arg-type]


def test_a_link_works_without_credentials(bucket: Bucket) -> None:
    """The response has the requested type and name; the link is signed with version 4."""
    address = link(bucket)

    response = httpx.get(address)

    assert (200, SOUND) == (response.status_code, response.content)
    headers = response.headers
    assert ("audio/mpeg", NAME, "bytes") == (
        headers["Content-Type"],
        headers["Content-Disposition"],
        headers["Accept-Ranges"],
    )
    query = parse_qs(urlsplit(address).query)
    assert (["AWS4-HMAC-SHA256"], ["60"]) == (query["X-Amz-Algorithm"], query["X-Amz-Expires"])
    head = httpx.head(link(bucket, method="HEAD"))
    assert (200, "2000", b"") == (head.status_code, head.headers["Content-Length"], head.content)


def test_links_can_have_a_public_address(s3: S3Server, tmp_path: Path) -> None:
    """The signature is valid for the host in the link."""
    public = s3.url.replace("127.0.0.1", "localhost")
    files = open_store(load_settings(bookbytes_home=tmp_path, **s3.settings(s3_public_url=public)).store_config).files
    assert isinstance(files, Bucket)
    files.write(KEY, SOUND)

    address = link(files)

    assert address.startswith(public)
    assert SOUND == httpx.get(address).content


@pytest.mark.usefixtures("s3_keys")
def test_a_link_into_aws_names_the_region(tmp_path: Path) -> None:
    """The global host would redirect to the regional one, where the signature is not valid."""
    configured = {"storage_backend": "s3", "s3_bucket": "bookbytes", "s3_region": "eu-central-1"}
    files = open_store(load_settings(bookbytes_home=tmp_path, **configured).store_config).files
    assert isinstance(files, Bucket)

    assert link(files).startswith(f"https://bookbytes.s3.eu-central-1.amazonaws.com/{KEY}?")


def test_stores_in_one_bucket_are_separate(s3: S3Server, tmp_path: Path) -> None:
    """Each has its own prefix."""
    stores = [open_store(load_settings(bookbytes_home=tmp_path, **s3.settings()).store_config) for _ in range(2)]
    stores[0].files.write("a", b"x")

    assert not stores[1].files.has("a")
    assert f"s3://{BUCKET}/tests/" in stores[0].files.address("a")


def test_a_wrong_bucket_is_named(s3: S3Server, tmp_path: Path) -> None:
    """For reading and for writing; it is never mistaken for a missing file."""
    files = open_store(load_settings(bookbytes_home=tmp_path, **s3.settings(s3_bucket="elsewhere")).store_config).files

    uses = (lambda: files.read("a"), lambda: files.has("a"), lambda: files.write("a", b"x"))
    for use in (files.require_room, files.require_reachable, *uses):
        with pytest.raises(StoreUnavailable, match=r"s3://elsewhere/.*no such bucket\. Check S3_BUCKET"):
            use()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("AWS_ACCESS_KEY_ID", "the access key is not known there. Check AWS_ACCESS_KEY_ID"),
        ("AWS_SECRET_ACCESS_KEY", "the secret key is not the right one. Check AWS_ACCESS_KEY_ID"),
    ],
)
def test_wrong_credentials_are_distinguished(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    """The message says which is wrong and shows neither."""
    monkeypatch.setenv(name, "WRONG-AND-SECRET")
    unauthorized = Bucket(bucket.name, bucket.prefix, endpoint_url=bucket.endpoint_url)

    with pytest.raises(StoreUnavailable) as refused:
        unauthorized.require_room()

    assert message in str(refused.value)
    assert "WRONG-AND-SECRET" not in str(refused.value)


def test_missing_credentials_are_reported(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are reported before any request is sent."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    anonymous = Bucket(bucket.name, endpoint_url=bucket.endpoint_url)

    with pytest.raises(StoreUnavailable, match=r"there are no credentials\. Check AWS_ACCESS_KEY_ID"):
        anonymous.read("a")


@pytest.mark.usefixtures("s3_keys")
def test_a_server_that_is_down_is_reported() -> None:
    """With the address to check, after a bounded number of attempts."""
    unreachable = Bucket(BUCKET, endpoint_url=f"http://127.0.0.1:{lasting_port()}")

    for use in (lambda: unreachable.read("a"), lambda: unreachable.write("a", b"x"), unreachable.require_reachable):
        with pytest.raises(StoreUnavailable, match=r"does not answer \(EndpointConnectionError\).*S3_ENDPOINT_URL"):
            use()


MESSAGES = {
    (400, "ExpiredToken"): "the credentials have expired. Renew the credentials (AWS_SESSION_TOKEN)",
    (400, "InvalidToken"): "the credentials are not valid any more. Renew",
    (403, "AccessDenied"): "the credentials do not allow it. It needs s3:ListBucket",
    (403, "RequestTimeTooSkewed"): "this machine's clock is wrong. Set it",
    (400, "AuthorizationHeaderMalformed"): "the bucket is in another region. Check S3_BUCKET, S3_REGION",
    (501, "NotImplemented"): "it lacks an operation of S3 that BookBytes needs. Another server is needed",
    (405, "MethodNotAllowed"): "it lacks an operation of S3",
    (413, "EntityTooLarge"): "the file is larger than it accepts",
    (503, "SlowDown"): "it asks for fewer requests. Try again later",
    (500, "InternalError"): "something went wrong there. Try again later",
    (418, "ShortAndStout"): "it answered ShortAndStout. Try again later",
}

FINAL = {"AuthorizationHeaderMalformed", "NotImplemented", "MethodNotAllowed", "EntityTooLarge"}


@pytest.mark.parametrize("error", MESSAGES)
@pytest.mark.usefixtures("s3_keys")
def test_errors_of_aws_are_explained(error: tuple[int, str]) -> None:
    """The tests' own server never sends these errors; each message says what to do."""
    with serving(_failing(*error)) as address, pytest.raises(StoreUnavailable) as refused:
        Bucket(BUCKET, endpoint_url=address).write("a", b"x")

    assert MESSAGES[error] in str(refused.value)
    assert refused.value.try_again is (error[1] not in FINAL)


@pytest.mark.parametrize("error", sorted(FINAL))
@pytest.mark.usefixtures("s3_keys")
def test_nobody_waits_for_an_answer_that_is_final(error: str) -> None:
    """A run would have waited five minutes for an operation that the server will never have."""
    bodies: list[bytes] = []
    with serving(_failing(400, error, bodies=bodies)) as address, pytest.raises(StoreUnsuitable) as refused:
        Bucket(BUCKET, endpoint_url=address, wait_s=300).read("a")

    assert len(bodies) == 1
    assert not is_outage(refused.value)


@pytest.mark.parametrize("behaviour", ["refused", "ignored"])
def test_a_server_without_conditional_writes_will_do(s3: S3Server, tmp_path: Path, behaviour: str) -> None:
    """The probe finds out, before anything is paid for, and so does the first write; the first of two files stays."""
    with serving(_unconditional(s3.url, behaviour)) as address:
        chosen = s3.settings(s3_endpoint_url=address)
        probed, unprobed = (
            open_store(load_settings(bookbytes_home=tmp_path, **chosen).store_config).files for _ in range(2)
        )
        assert isinstance(probed, Bucket)
        assert isinstance(unprobed, Bucket)
        probed.require_room()
        found = probed.lacks_conditional_writes
        created = [probed.create("a", b"first"), probed.create("a", BytesIO(b"second"))]
        unprobed_created = unprobed.create("b", BytesIO(b"only"))
        kept = [probed.read("a"), unprobed.read("b")]

    assert found
    assert [True, False, True] == [*created, unprobed_created]
    assert [b"first", b"only"] == kept
    assert unprobed.lacks_conditional_writes is (behaviour == "refused")


def test_the_probe_leaves_nothing_behind(bucket: Bucket) -> None:
    """And finds nothing missing in a server that has all of S3 that is needed."""
    bucket.require_room()

    listed = bucket._client.list_objects_v2(Bucket=bucket.name, Prefix=bucket.prefix)  # noqa: SLF001 - to look into it
    assert [bucket._key(KEY)] == [item["Key"] for item in listed["Contents"]]  # noqa: SLF001 - as above
    assert not bucket.lacks_conditional_writes


@pytest.mark.parametrize(("status", "error"), [(503, "SlowDown"), (403, "InvalidAccessKeyId")])
@pytest.mark.usefixtures("s3_keys")
def test_a_run_waits_for_a_bucket_that_is_busy_or_just_starting(status: int, error: str) -> None:
    """Also for one that does not know its credentials yet; a stream is sent from its beginning each time."""
    bodies: list[bytes] = []
    with serving(_failing(status, error, until=4, bodies=bodies)) as address:
        bucket = Bucket(BUCKET, endpoint_url=address, wait_s=60)
        if status == 503:
            bucket.write("a", BytesIO(b"whole"))
        else:
            assert bucket.create("a", BytesIO(b"whole"))

    assert [b"whole"] * 5 == bodies


@pytest.mark.usefixtures("s3_keys")
def test_api_requests_do_not_wait_for_a_busy_bucket() -> None:
    """At most three requests are sent; then the error is reported."""
    bodies: list[bytes] = []
    with serving(_failing(503, "SlowDown", bodies=bodies)) as address, pytest.raises(StoreUnavailable):
        Bucket(BUCKET, endpoint_url=address).write("a", b"x")

    assert len(bodies) == 3


def _unconditional(server: str, behaviour: str) -> web.Application:
    """A server before `server` that knows no `If-None-Match`: it refuses the request, or does not see the header."""

    async def forward(request: web.Request) -> web.StreamResponse:
        if "If-None-Match" in request.headers and behaviour == "refused":
            error = "<Error><Code>NotImplemented</Code><Message>no</Message></Error>"
            return web.Response(status=501, text=error, content_type="application/xml")
        body = await request.read()
        signed = AWSRequest(request.method, f"{server}{request.raw_path}", data=body)
        S3SigV4Auth(Credentials(*KEYS.values()), "s3", "us-east-1").add_auth(signed)  # the header was signed, too
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method, URL(signed.url, encoded=True), headers=dict(signed.headers), data=body
            ) as answer,
        ):
            passed = {name: answer.headers[name] for name in ("ETag", "Content-Length") if name in answer.headers}
            content = None if request.method == "HEAD" else await answer.read()
            return web.Response(status=answer.status, body=content, headers=passed, content_type="application/xml")

    application = web.Application()
    application.router.add_route("*", "/{key:.*}", forward)
    return application


def _failing(status: int, code: str, until: int = 99, bodies: list[bytes] | None = None) -> web.Application:
    """A server that answers the first `until` requests with an S3 error."""
    received = [] if bodies is None else bodies

    async def answer(request: web.Request) -> web.Response:
        received.append(await request.read())
        if len(received) > until:
            return web.Response()
        error = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
        return web.Response(status=status, text=error, content_type="application/xml")

    application = web.Application()
    application.router.add_route("*", "/{key:.*}", answer)
    return application
