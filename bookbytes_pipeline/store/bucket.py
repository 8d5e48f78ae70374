"""A store in an S3 bucket, of AWS or of any server that speaks its protocol."""

import mimetypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from threading import Event
from typing import Any, BinaryIO, Literal, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from bookbytes_pipeline.domain.errors import StoreUnavailable, StoreUnsuitable
from bookbytes_pipeline.store.bucket_errors import bucket_errors, is_absent, is_taken, is_unsupported
from bookbytes_pipeline.store.files import StoredFile

T = TypeVar("T")

_ANY_REGION = "us-east-1"
"""What servers other than AWS's are signed for; they have no regions."""
_ANY_S = 60
_MAX_BOTO3_ATTEMPTS = 3
"""Within a second or two; `wait_s` comes on top of them."""
_MAX_START_S = 60.0
"""How long a server may take to start."""
_MAX_RETRY_DELAY_S = 5.0
_MAX_CONNECTIONS = 40
"""As many as the API has threads, and some more."""


@dataclass(frozen=True)
class Bucket:
    """Files in the bucket `name`, their keys below `prefix`.

    Without `endpoint_url` it is AWS's; `public_url` is where listeners reach the same bucket, if that differs. Who
    may use it comes from the environment as everywhere with AWS: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the
    role of the machine. A request that fails is retried for `wait_s` seconds, unless the answer is final: while a
    server starts, it also refuses keys that it does not know yet.
    """

    name: str
    prefix: str = ""
    region: str | None = None
    endpoint_url: str | None = None
    public_url: str | None = None
    wait_s: float = 0
    _lacks_conditions: Event = field(default_factory=Event, init=False, repr=False, compare=False)

    def read(self, key: str) -> bytes | None:
        """The content, or None where there is no such file."""

        def get() -> bytes | None:
            try:
                content: bytes = self._client.get_object(**self._named(key))["Body"].read()
            except self._client.exceptions.NoSuchKey:
                return None
            return content

        return self._retry(key, get)

    def has(self, key: str) -> bool:
        """Whether there is such a file."""

        def head() -> bool:
            try:
                self._client.head_object(**self._named(key))
            except self._client.exceptions.ClientError as error:
                if is_absent(error):
                    self.require_reachable()  # HEAD says the same of a bucket that is not there
                    return False
                raise
            return True

        return self._retry(key, head)

    def write(self, key: str, content: bytes | BinaryIO) -> None:
        """Keep the content, in place of what was there; a large file goes in several parts at once."""
        kind = {"ContentType": _kind(key)}

        def put() -> None:
            if isinstance(content, bytes):
                self._client.put_object(**self._named(key), **kind, Body=content)
            else:
                content.seek(0)
                self._client.upload_fileobj(_LeftOpen(content), self.name, self._key(key), ExtraArgs=kind)

        self._retry(key, put)

    def create(self, key: str, content: bytes | BinaryIO) -> bool:
        """Keep the content unless there is a file already: the bucket decides, whoever else is writing.

        Where it cannot, of two writers at the same moment the last one wins. False, too, where our own first attempt
        arrived and its answer did not.
        """
        if not self.lacks_conditional_writes:
            created = self._retry(key, lambda: self._create_conditionally(key, content))
            if created is not None:
                return created
            self._lacks_conditions.set()
        if self.has(key):
            return False
        self.write(key, content)
        return True

    @property
    def lacks_conditional_writes(self) -> bool:
        """Whether this bucket has turned out not to know `If-None-Match`."""
        return self._lacks_conditions.is_set()

    def _create_conditionally(self, key: str, content: bytes | BinaryIO) -> bool | None:
        """Return whether there was no such file, and there is now; None where the bucket knows no conditions."""
        if not isinstance(content, bytes):
            content.seek(0)
        try:
            self._client.put_object(**self._named(key), Body=content, ContentType=_kind(key), IfNoneMatch="*")
        except self._client.exceptions.ClientError as error:
            if is_taken(error):
                return False
            if is_unsupported(error):
                return None
            raise
        return True

    def delete(self, key: str) -> None:
        """Drop a file; S3 knows no error for one that is gone."""
        self._retry(key, lambda: self._client.delete_object(**self._named(key)))

    def walk(self, folder: str = "") -> Iterator[StoredFile]:
        """Every file below `folder`, in pages of a thousand."""
        base = self._key("")
        listing = {"Bucket": self.name, "Prefix": self._key(f"{folder}/" if folder else "")}

        def page() -> Any:
            return self._client.list_objects_v2(**listing)

        while True:
            found = self._retry(folder, page)
            for file in found.get("Contents", []):
                yield StoredFile(file["Key"].removeprefix(base), file["Size"], file["LastModified"])
            if not found.get("IsTruncated"):
                return
            listing["ContinuationToken"] = found["NextContinuationToken"]

    def address(self, key: str = "") -> str:
        """The file's `s3://` address, as AWS's tools take it."""
        return f"s3://{self.name}/{self._key(key)}"

    def require_room(self) -> None:
        """Try every operation on a small file. What is set up wrongly is to be told soon: wait for a minute only."""

        def probe() -> None:
            key = f".probe-{uuid4().hex}"
            file = self._named(key)
            self._client.put_object(**file, Body=b"room?")
            self._client.get_object(**file)["Body"].read()
            self._client.head_object(**file)
            if not self.lacks_conditional_writes and self._create_conditionally(key, b"taken?") is not False:
                self._lacks_conditions.set()
            part = self._client.create_multipart_upload(**file)
            self._client.abort_multipart_upload(**file, UploadId=part["UploadId"])
            self._client.delete_object(**file)

        self._retry("", probe, min(self.wait_s, _MAX_START_S))

    def require_reachable(self) -> None:
        """Ask whether the bucket is there and may be used, which costs less than writing to it."""
        with bucket_errors(self.address()):
            self._client.head_bucket(Bucket=self.name)

    def link(self, key: str, *, method: Literal["GET", "HEAD"], seconds: int, media_type: str, disposition: str) -> str:
        """An address at which anybody can fetch the file for so many seconds, whole or in ranges.

        It is answered with these `Content-Type` and `Content-Disposition`. Nobody is asked for it: the file may not
        be there.
        """
        answered = {"ResponseContentType": media_type, "ResponseContentDisposition": disposition}
        with bucket_errors(self.address(key)):
            signed: str = self._signing.generate_presigned_url(
                "get_object" if method == "GET" else "head_object",
                Params=self._named(key) | answered,
                ExpiresIn=seconds,
            )
        return signed

    @cached_property
    def public_origin(self) -> str:
        """Scheme and host of those addresses, for pages that name where clips may come from."""
        link = self.link("any", method="GET", seconds=_ANY_S, media_type="audio/mpeg", disposition="inline")
        address = urlsplit(link)
        return f"{address.scheme}://{address.netloc}"

    def _retry(self, key: str, request: Callable[[], T], wait_s: float | None = None) -> T:
        for attempt in Retrying(
            stop=stop_after_delay(self.wait_s if wait_s is None else wait_s),
            wait=wait_random_exponential(multiplier=0.5, max=_MAX_RETRY_DELAY_S),
            retry=retry_if_exception(_may_pass),
            reraise=True,
        ):
            with attempt, bucket_errors(self.address(key)):
                return request()
        raise AssertionError("tenacity returns or raises")

    def _named(self, key: str) -> dict[str, str]:
        return {"Bucket": self.name, "Key": self._key(key)}

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    @cached_property
    def _client(self) -> Any:
        return self._connected(self.endpoint_url)

    @cached_property
    def _signing(self) -> Any:
        """Signs for the host that listeners will name: the signature covers it."""
        return self._connected(self.public_url) if self.public_url else self._client

    def _connected(self, endpoint_url: str | None) -> Any:
        """A client. Nothing is sent yet, but reading AWS's description of S3 takes a fifth of a second."""
        import boto3  # noqa: PLC0415 - half a second that a folder does not need
        from botocore.config import Config  # noqa: PLC0415 - as above

        own_server = endpoint_url is not None
        config = Config(
            signature_version="s3v4",
            # "auto" signs links for the global host, which redirects to one that the signature does not hold for
            s3={"addressing_style": "path" if own_server else "virtual"},
            retries={"mode": "standard", "total_max_attempts": _MAX_BOTO3_ATTEMPTS},
            connect_timeout=5,
            read_timeout=30,
            tcp_keepalive=True,
            max_pool_connections=_MAX_CONNECTIONS,
            request_checksum_calculation="when_required" if own_server else "when_supported",  # few others know CRC-64
            response_checksum_validation="when_required" if own_server else "when_supported",
        )
        region = self.region or (_ANY_REGION if own_server else None)
        return boto3.session.Session().client("s3", region_name=region, endpoint_url=endpoint_url, config=config)


@dataclass(frozen=True)
class _LeftOpen:
    """A stream without `close`: boto3 would close what it has uploaded, though its owner may go on with it."""

    stream: BinaryIO

    def read(self, size: int = -1) -> bytes:
        return self.stream.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.stream.seek(offset, whence)

    def tell(self) -> int:
        return self.stream.tell()

    def close(self) -> None:
        pass


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, StoreUnavailable) and not isinstance(error, StoreUnsuitable)


def _kind(key: str) -> str:
    return mimetypes.guess_type(key)[0] or "application/octet-stream"
