"""What a bucket's errors mean for the person who set it up."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bookbytes_pipeline.domain.errors import StoreUnavailable, StoreUnsuitable

_KEYS = "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
_RENEW = "Renew the credentials (AWS_SESSION_TOKEN) and start again."
_WHERE = "Check S3_BUCKET, S3_REGION and S3_ENDPOINT_URL."
_RIGHTS = "It needs s3:ListBucket, and on what is in it GetObject, PutObject, DeleteObject and AbortMultipartUpload."
_LATER = "Try again later; nothing made so far is lost."
_UNSUITABLE = "Another server is needed: docs/decisions/store-in-folder-or-bucket.md names the operations of S3 in use."

_MEANINGS: Mapping[str, tuple[str, str]] = {
    "NoSuchBucket": ("there is no such bucket", _WHERE),
    "PermanentRedirect": ("the bucket is in another region", _WHERE),
    "AuthorizationHeaderMalformed": ("the bucket is in another region", _WHERE),
    "InvalidAccessKeyId": ("the access key is not known there", _KEYS),
    "SignatureDoesNotMatch": ("the secret key is not the right one", _KEYS),
    "ExpiredToken": ("the credentials have expired", _RENEW),
    "InvalidToken": ("the credentials are not valid any more", _RENEW),
    "AccessDenied": ("the credentials do not allow it", _RIGHTS),
    "400": ("it refuses the credentials or the region", f"{_KEYS} {_RENEW} {_WHERE}"),
    "403": ("it refuses the credentials, or they do not allow it", f"{_KEYS} {_RIGHTS}"),
    "ConditionalRequestConflict": ("somebody else is writing the same file", _LATER),
    "NotImplemented": ("it lacks an operation of S3 that BookBytes needs", _UNSUITABLE),
    "MethodNotAllowed": ("it lacks an operation of S3 that BookBytes needs", _UNSUITABLE),
    "EntityTooLarge": ("the file is larger than it accepts", _UNSUITABLE),
    "KeyTooLongError": ("S3_PREFIX is too long", "Choose a shorter one."),
    "InvalidBucketName": ("no bucket can have this name", _WHERE),
    "RequestTimeTooSkewed": ("this machine's clock is wrong", "Set it, for example with NTP."),
    "SlowDown": ("it asks for fewer requests", _LATER),
    "ServiceUnavailable": ("it is too busy", _LATER),
    "InternalError": ("something went wrong there", _LATER),
}
_BY_STATUS = {
    301: "PermanentRedirect",
    403: "403",
    404: "NoSuchBucket",
    405: "MethodNotAllowed",
    413: "EntityTooLarge",
    429: "SlowDown",
    501: "NotImplemented",
    503: "SlowDown",
}
"""HEAD is answered without a code, so the reason is told less well; `bookbytes doctor` writes, and is told more."""
_FINAL = {
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
    "NotImplemented",
    "MethodNotAllowed",
    "EntityTooLarge",
    "KeyTooLongError",
    "InvalidBucketName",
}
"""What stays as it is however often it is tried; a server that starts does refuse keys and buckets that it has."""
_PRECONDITION_FAILED, _NOT_FOUND = 412, 404


@contextmanager
def bucket_errors(place: str) -> Iterator[None]:
    """Turn what boto3 raises into `StoreUnavailable`, naming the place and the way out."""
    from boto3.exceptions import Boto3Error  # noqa: PLC0415 - half a second that a folder does not need
    from botocore.exceptions import (  # noqa: PLC0415 - as above
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        PartialCredentialsError,
    )

    try:
        yield
    except ClientError as error:
        known, reason, remedy = _meaning(error)
        raise _unusable(place, reason, remedy, StoreUnsuitable if known in _FINAL else StoreUnavailable) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise _unusable(place, "there are no credentials", _KEYS) from error
    except (BotoCoreError, Boto3Error, OSError) as error:
        raise _unusable(place, f"it does not answer ({type(error).__name__})", f"{_WHERE} {_LATER}") from error


def is_absent(error: Any) -> bool:
    """Whether this `ClientError` says that there is no such file."""
    return bool(_status(error) == _NOT_FOUND)


def is_taken(error: Any) -> bool:
    """Whether this `ClientError` says that there is such a file already."""
    return bool(_status(error) == _PRECONDITION_FAILED)


def is_unsupported(error: Any) -> bool:
    """Whether this `ClientError` says that the server does not know what was asked for."""
    return _known(error) in {"NotImplemented", "MethodNotAllowed"}


def _status(error: Any) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


def _known(error: Any) -> str:
    code = str(error.response["Error"].get("Code", ""))
    return code if code in _MEANINGS else _BY_STATUS.get(_status(error), "")


def _meaning(error: Any) -> tuple[str, str, str]:
    """The error by the name that it has here, what it means, and what to do."""
    known, code = _known(error), error.response["Error"].get("Code", "")
    return known, *_MEANINGS.get(known, (f"it answered {code or _status(error)}", _LATER))


def _unusable(
    place: str, reason: str, remedy: str, kind: type[StoreUnavailable] = StoreUnavailable
) -> StoreUnavailable:
    return kind(f"The store at {place} cannot be used: {reason}. {remedy}")
