"""Every setting: read once from the environment (and `.env`), frozen, and passed on from there."""

import re
import socket
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bookbytes_pipeline.domain.errors import InvalidSettings
from bookbytes_pipeline.domain.minutes import DEFAULT_MINUTES, MAX_MINUTES, MIN_MINUTES
from bookbytes_pipeline.domain.pronunciations import MAX_BYTES, Pronunciations, parse_pronunciations
from bookbytes_pipeline.setting_types import (
    BookFiles,
    CallLimit,
    DatabaseURL,
    EmptyAsNone,
    FilePath,
    FolderPath,
    Key,
    KeyPrefix,
    Origins,
    Owners,
    Port,
    Price,
    SecretWebAddress,
    ValkeyURL,
    Voices,
    WebAddress,
)
from bookbytes_pipeline.store.config import StoreConfig

MIN_JWT_SECRET_CHARS = {"HS256": 32, "HS384": 48, "HS512": 64}
"""By algorithm: RFC 7518 asks for a key as long as the hash."""
MIN_API_KEY_CHARS = 16
MAX_HOME_BYTES = 400
"""SQLite opens no file whose path is longer than 512 bytes; Dagster adds up to 70 to the home's."""
_MISREAD_IN_HOME = re.compile(r"[?*\[]|%[0-9A-Fa-f]{2}")
"""Dagster makes patterns and URLs of its home without escaping anything."""
ENV_FILE = ".env"


def _default_contact() -> str:
    return f"operator@{socket.gethostname()}"


class Settings(BaseSettings):
    """The settings of one process. `.env.example` says what each is for."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_file_encoding="utf-8-sig", frozen=True, extra="ignore", hide_input_in_errors=False
    )

    app_env: Literal["development", "production"] = "development"
    debug: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] | None = None
    bookbytes_home: FolderPath = Path("data")

    host: str = "127.0.0.1"
    port: Port = 8000
    keep_alive_seconds: Annotated[int, Field(ge=1, le=3600)] = 150
    cors_origins: Origins = ()
    public_url: WebAddress | None = None
    abs_api: bool = False
    metrics_port: Port | None = None
    dagster_ui_port: Port = 3000
    dagster_grpc_host: str = "127.0.0.1"
    dagster_grpc_port: Port = 4266

    auth_mode: Literal["jwt", "api_key"] = "jwt"
    jwt_secret_key: Key | None = None
    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = "HS256"
    jwt_expire_minutes: Annotated[int, Field(ge=1, le=43_200)] = 60
    api_key: Key | None = None
    allow_registration: bool = True
    allow_user_uploads: bool = False
    max_jobs_per_user: Annotated[int, Field(ge=1, le=1000)] = 10
    valkey_url: ValkeyURL | None = Field(None, repr=False)

    worker_max_jobs: Annotated[int, Field(ge=1, le=64)] = 4
    worker_job_timeout: Annotated[int, Field(ge=60, le=86_400)] = 7200
    event_log_days: Annotated[int, Field(ge=1, le=3650)] = 30
    asset_owners: Owners = ()
    failure_webhook_url: SecretWebAddress | None = None

    database_url: DatabaseURL | None = Field(None, repr=False)
    storage_backend: Literal["local", "s3"] = "local"
    local_storage_path: FolderPath | None = None
    min_free_disk_mb: Annotated[int, Field(ge=0, le=10_000_000)] = 1000
    s3_bucket: Annotated[str | None, Field(min_length=3, max_length=63)] = None
    s3_prefix: KeyPrefix = ""
    s3_region: str | None = None
    s3_endpoint_url: WebAddress | None = None
    s3_public_url: WebAddress | None = None
    s3_link_seconds: Annotated[int, Field(ge=60, le=604_800)] = 3600

    openlibrary_base_url: Annotated[WebAddress | None, EmptyAsNone] = "https://openlibrary.org"
    openlibrary_contact: str = Field(default_factory=_default_contact, min_length=3, max_length=200)

    llm_provider: Literal["openai", "extractive"] | None = None
    openai_api_key: Key | None = None
    openai_base_url: WebAddress = "https://api.openai.com/v1"
    openai_model: str = "gpt-5-mini"
    openai_context_tokens: Annotated[int, Field(ge=2_000, le=10_000_000)] = 128_000
    openai_timeout: Annotated[float, Field(gt=0, le=3600)] = 120
    max_concurrent_llm_calls: CallLimit = 5
    llm_input_price: Price = None
    llm_output_price: Price = None

    summary_minutes: Annotated[float, Field(ge=MIN_MINUTES, le=MAX_MINUTES)] = DEFAULT_MINUTES
    book_summary: bool = True

    tts_provider: Literal["gtts", "openai", "piper", "espeak"] = "gtts"
    tts_base_url: WebAddress | None = None
    tts_model: str | None = None
    tts_voice: str | None = None
    tts_api_key: Key | None = None
    tts_voices: Voices = Field(default_factory=dict)
    piper_voice: FilePath | None = None
    tts_max_characters: Annotated[int, Field(ge=40, le=100_000)] = 1_500
    max_concurrent_tts_calls: CallLimit = 4
    tts_price: Price = None
    pronunciations: FolderPath | None = None

    book_files: BookFiles = ()

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, given: dict[str, object]) -> dict[str, object]:
        """`NAME=` means the default, as in a shell; only Open Library is switched off that way."""
        return {name: value for name, value in given.items() if value != "" or name == "openlibrary_base_url"}

    @model_validator(mode="after")
    def _check_home(self) -> Self:
        home = str(self.bookbytes_home.absolute())
        if _MISREAD_IN_HOME.search(home):
            misread = "Dagster misreads ?, *, [ and % before two digits in a path"
            raise ValueError(f"BOOKBYTES_HOME is {home!r}: {misread}; choose another folder")
        if len(home.encode()) > MAX_HOME_BYTES:
            raise ValueError(f"BOOKBYTES_HOME has a path of more than {MAX_HOME_BYTES} bytes; choose a shorter one")
        return self

    @model_validator(mode="after")
    def _check_combinations(self) -> Self:
        if self.language_model == "openai" and not self.openai_api_key and self._asks_openai_itself:
            raise ValueError("LLM_PROVIDER is 'openai': set OPENAI_API_KEY, or OPENAI_BASE_URL of a keyless server")
        if self.tts_provider == "openai" and not (self.tts_model and self.tts_voice):
            raise ValueError("TTS_PROVIDER is 'openai': set TTS_MODEL and TTS_VOICE (and TTS_BASE_URL of your server)")
        if self.tts_provider == "piper" and not self.piper_voice:
            raise ValueError("TTS_PROVIDER is 'piper': set PIPER_VOICE to the .onnx file of a voice")
        if self.storage_backend == "s3" and not self.s3_bucket:
            raise ValueError("STORAGE_BACKEND is 's3': set S3_BUCKET")
        return self

    @model_validator(mode="after")
    def _check_pronunciations(self) -> Self:
        self.read_pronunciations()
        return self

    @model_validator(mode="after")
    def _check_authentication(self) -> Self:
        secret = self.jwt_secret_key.get_secret_value() if self.jwt_secret_key else ""
        minimum = MIN_JWT_SECRET_CHARS[self.jwt_algorithm]
        if secret and len(secret) < minimum:
            raise ValueError(f"JWT_SECRET_KEY is too short: {self.jwt_algorithm} needs {minimum} characters")
        key = self.api_key.get_secret_value() if self.api_key else ""
        if self.auth_mode == "api_key" and len(key) < MIN_API_KEY_CHARS:
            raise ValueError(f"AUTH_MODE is 'api_key': set API_KEY to {MIN_API_KEY_CHARS} characters or more")
        if self.app_env == "production":
            self._require_production()
        return self

    def _require_production(self) -> None:
        if self.auth_mode == "api_key":
            raise ValueError("AUTH_MODE is 'api_key', which is for development; with APP_ENV 'production' use 'jwt'")
        if self.library_url.startswith("sqlite"):
            raise ValueError("APP_ENV is 'production': set DATABASE_URL to a PostgreSQL database")

    def require_signing_key(self) -> None:
        """Raise `InvalidSettings` if this process signs tokens in production but has no key.

        Only the API calls this: whoever can read the key can log in as anybody, so no worker should have it.
        """
        if self.app_env == "production" and self.jwt_secret_key is None:
            raise InvalidSettings(
                "APP_ENV is 'production': set JWT_SECRET_KEY for the API, for example to `openssl rand -hex 32`."
            )

    def read_pronunciations(self) -> Pronunciations:
        """What the file in PRONUNCIATIONS says, nothing without it; raises `ValueError` with a sentence about it."""
        return _read_pronunciations(self.pronunciations) if self.pronunciations else Pronunciations()

    @property
    def logs_as_json(self) -> bool:
        """Whether log lines are JSON: as set, else in production only."""
        return (self.log_format or ("json" if self.app_env == "production" else "console")) == "json"

    @property
    def language_model(self) -> Literal["openai", "extractive"]:
        """The language model in use: as set, else `openai` where there is a key for it, else `extractive`."""
        return self.llm_provider or ("openai" if self.openai_api_key else "extractive")

    @property
    def library_url(self) -> str:
        """The SQLAlchemy URL of the library's database; a SQLite file in `BOOKBYTES_HOME` unless set."""
        return self.database_url or f"sqlite:///{(self.bookbytes_home / 'library.db').absolute()}"

    @property
    def store_folder(self) -> Path:
        """The root of the store if it is a folder."""
        return (self.local_storage_path or self.bookbytes_home / "store").absolute()

    @property
    def local_folders(self) -> list[Path]:
        """The folders of this machine that fill up: the home with its SQLite files, and the store."""
        home = [self.bookbytes_home.absolute()] if self.library_url.startswith("sqlite") else []
        return [*home, *([self.store_folder] if self.storage_backend == "local" else [])]

    @property
    def store_config(self) -> StoreConfig:
        """Where the store is."""
        return StoreConfig(
            backend=self.storage_backend,
            folder=self.store_folder,
            bucket=self.s3_bucket or "",
            prefix=self.s3_prefix,
            region=self.s3_region,
            endpoint_url=self.s3_endpoint_url,
            public_url=self.s3_public_url,
        )

    @property
    def dagster_home(self) -> Path:
        """The embedded Dagster instance's home."""
        return (self.bookbytes_home / "dagster").absolute()

    @property
    def speech_url(self) -> str:
        """The address of the OpenAI-compatible speech server."""
        return self.tts_base_url or self.openai_base_url

    @property
    def speech_key(self) -> str:
        """The key for the speech server. The language model's key is sent to no other host than its own."""
        if self.tts_api_key:
            return self.tts_api_key.get_secret_value()
        return self.model_key if self.speech_url == self.openai_base_url else ""

    @property
    def model_key(self) -> str:
        """The language model's key; empty for a server that needs none."""
        return self.openai_api_key.get_secret_value() if self.openai_api_key else ""

    @property
    def _asks_openai_itself(self) -> bool:
        return self.openai_base_url == "https://api.openai.com/v1"


def _read_pronunciations(file: Path) -> Pronunciations:
    try:
        with file.open("rb") as opened:
            return parse_pronunciations(opened.read(MAX_BYTES + 1), str(file))
    except OSError as error:
        raise ValueError(f"PRONUNCIATIONS: {file} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"PRONUNCIATIONS: {error}") from None


def load_settings(**overrides: object) -> Settings:
    """Read the settings of this process; raises `InvalidSettings` with one sentence naming the first wrong variable."""
    _require_text(Path(ENV_FILE))
    try:
        return Settings(**overrides)  # type: ignore[arg-type] # pydantic checks what comes in
    except ValidationError as error:
        raise InvalidSettings(_describe(error)) from None


def _require_text(file: Path) -> None:
    """Raise `InvalidSettings` if the file with settings is there but cannot be read, here or by Dagster."""
    try:
        content = file.read_bytes() if file.is_file() else b""
    except OSError as error:
        raise InvalidSettings(f"{file.absolute()} cannot be read: {error.strerror}.") from None
    if b"\0" in content:
        raise InvalidSettings(f"{file.absolute()} is UTF-16: save it as UTF-8.")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidSettings(f"{file.absolute()} is not UTF-8 in line {line}: save it as UTF-8.") from None


def _describe(error: ValidationError) -> str:
    first = error.errors()[0]
    reason = str(first["msg"]).removeprefix("Value error, ")
    if not first["loc"]:
        return f"{reason}."
    name = str(first["loc"][0])
    secret = name.endswith(("_key", "database_url", "valkey_url", "webhook_url")) or "@" in str(first["input"])
    shown = "(hidden)" if secret else repr(first["input"])
    return f"{name.upper()} is {shown}; it should be {_expected(first['type'], reason)}."


def _expected(kind: str, reason: str) -> str:
    expected = {"bool_parsing": "true or false", "int_parsing": "a whole number", "float_parsing": "a number"}
    if kind in expected:
        return expected[kind]
    short = reason.removeprefix("Input should be ")
    return f"one of {short}" if kind == "literal_error" else short
