"""Settings: sensible defaults, and strict checks of what is set."""

from pathlib import Path

import pytest

from bookbytes_api.app import create_app
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import InvalidSettings
from bookbytes_pipeline.settings import Settings, load_settings
from tests.cli_runner import ODD_NAME

KEY = "sk-not-a-real-key-0123456789"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_are_offline_summaries_and_a_local_library(tmp_path: Path) -> None:
    """A laptop without a key gets the extractive model and everything in ./data."""
    settings = load_settings()

    assert settings.language_model == "extractive"
    assert settings.store_folder == tmp_path / "data" / "store"
    assert settings.library_url == f"sqlite:///{tmp_path}/data/library.db"


def test_a_key_alone_selects_the_language_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who sets OPENAI_API_KEY wants it to be used."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    assert load_settings().language_model == "openai"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("LLM_PROVIDER", "gpt", "LLM_PROVIDER is 'gpt'; it should be one of 'openai' or 'extractive'."),
        (
            "TTS_PROVIDER",
            "alexa",
            "TTS_PROVIDER is 'alexa'; it should be one of 'gtts', 'openai', 'piper' or 'espeak'.",
        ),
        (
            "TTS_VOICES",
            "de=anna, luis",
            "TTS_VOICES is 'de=anna, luis'; it should be a voice for each language such as de=anna, pt-BR=luis.",
        ),
        ("STORAGE_BACKEND", "ftp", "STORAGE_BACKEND is 'ftp'; it should be one of 'local' or 's3'."),
        ("DEBUG", "perhaps", "DEBUG is 'perhaps'; it should be true or false."),
        ("MAX_CONCURRENT_TTS_CALLS", "0", "MAX_CONCURRENT_TTS_CALLS is '0'; it should be greater than or equal to 1."),
        ("OPENAI_TIMEOUT", "soon", "OPENAI_TIMEOUT is 'soon'; it should be a number."),
        (
            "OPENLIBRARY_BASE_URL",
            "openlibrary.org",
            "OPENLIBRARY_BASE_URL is 'openlibrary.org'; it should be a web address such as https://example.org.",
        ),
        (
            "DATABASE_URL",
            "postgresql://user:secret@host/db",
            (
                "DATABASE_URL is (hidden); it should be sqlite:////srv/bookbytes/library.db, "
                "or postgresql+psycopg://user:password@host/database."
            ),
        ),
        ("JWT_ALGORITHM", "none", "JWT_ALGORITHM is 'none'; it should be one of 'HS256', 'HS384' or 'HS512'."),
        ("JWT_SECRET_KEY", "short", "JWT_SECRET_KEY is too short: HS256 needs 32 characters."),
        ("AUTH_MODE", "api_key", "AUTH_MODE is 'api_key': set API_KEY to 16 characters or more."),
        ("PORT", "http", "PORT is 'http'; it should be a whole number."),
        ("TTS_PRICE", "-1", "TTS_PRICE is '-1'; it should be greater than or equal to 0."),
        *(
            (
                "CORS_ORIGINS",
                origin,
                (
                    f"CORS_ORIGINS is '{origin}'; it should be origins such as https://books.example.org, "
                    "several separated by commas, without *."
                ),
            )
            for origin in ("*", "https://*.example.org", "books.example.org", "https://example.org/books", "null")
        ),
        (
            "ASSET_OWNERS",
            "team:books, bob",
            (
                "ASSET_OWNERS is 'team:books, bob'; "
                "it should be team:books or an e-mail address, several separated by commas."
            ),
        ),
        (
            "FAILURE_WEBHOOK_URL",
            "hooks.example.org/T0/secret",
            "FAILURE_WEBHOOK_URL is (hidden); it should be a web address such as https://example.org.",
        ),
        (
            "LLM_PROVIDER",
            "openai",
            "LLM_PROVIDER is 'openai': set OPENAI_API_KEY, or OPENAI_BASE_URL of a keyless server.",
        ),
        (
            "TTS_PROVIDER",
            "openai",
            "TTS_PROVIDER is 'openai': set TTS_MODEL and TTS_VOICE (and TTS_BASE_URL of your server).",
        ),
        ("TTS_PROVIDER", "piper", "TTS_PROVIDER is 'piper': set PIPER_VOICE to the .onnx file of a voice."),
    ],
)
def test_a_wrong_value_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    """The message has the variable, its value and what would be valid."""
    monkeypatch.setenv(name, value)

    with pytest.raises(InvalidSettings) as refused:
        load_settings()

    assert message == str(refused.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"# names\n\nGoethe = G\xc3\xb6te\nSiobhan\n", "line 4 of words.txt has no '='."),
        (b"Siobhan =\n", "line 1 of words.txt has nothing after '='."),
        (b" = Shivawn\n", "line 1 of words.txt has no word before '='."),
        (b"[german]\n", "line 1 of words.txt has no language in brackets such as [de]: '[german]'."),
        (b"Goethe = G\xf6te\n", "words.txt is not UTF-8."),
        (b"# a line\n" * 5_001, "words.txt has 5,001 lines; at most 5,000 are read."),
        (b"#" * 100_001, "words.txt has more than 100,000 bytes."),
        (None, "words.txt cannot be read: No such file or directory."),
    ],
)
def test_a_wrong_line_of_pronunciations_is_named_at_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, message: str
) -> None:
    """The message has the number of the line, or what is wrong with the file."""
    if content is not None:
        (tmp_path / "words.txt").write_bytes(content)
    monkeypatch.setenv("PRONUNCIATIONS", "words.txt")

    with pytest.raises(InvalidSettings) as refused:
        load_settings()

    assert f"PRONUNCIATIONS: {message}" == str(refused.value)


def test_pronunciations_are_read_from_their_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the setting there are none."""
    assert "GIF" == load_settings().read_pronunciations().apply("GIF", "en")
    (tmp_path / "words.txt").write_text("\ufeffGIF = jif\n", "utf-8")
    monkeypatch.setenv("PRONUNCIATIONS", "words.txt")

    assert "jif" == load_settings().read_pronunciations().apply("GIF", "en")


def test_voices_of_languages_are_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """With spaces or without, and with the tags of either spelling."""
    monkeypatch.setenv("TTS_VOICES", "de=anna, pt_BR = /srv/voices/luis.onnx,")

    assert {"de": "anna", "pt-BR": "/srv/voices/luis.onnx"} == load_settings().tts_voices


def test_the_models_key_is_sent_to_its_own_host_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A speech server elsewhere is not sent the language model's key."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("TTS_BASE_URL", "https://speech.example.org/v1")

    assert load_settings().speech_key == ""


def test_a_key_from_a_file_loses_its_line_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """With it, the HTTP client would quote the whole key in its error message."""
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\r\n")

    assert load_settings().model_key == KEY


def test_a_key_that_cannot_be_sent_is_refused_but_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable without the key."""
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\x07x")

    with pytest.raises(InvalidSettings) as refused:
        load_settings()

    assert "OPENAI_API_KEY is (hidden)" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_API_KEY", KEY),
        ("DATABASE_URL", f"postgresql+psycopg://bookbytes:{KEY}@host/bookbytes"),
        ("VALKEY_URL", f"valkey://:{KEY}@host"),
        ("FAILURE_WEBHOOK_URL", f"https://hooks.example.org/{KEY}"),
    ],
)
def test_a_secret_is_never_printed(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Settings may be logged; keys and passwords must not be."""
    monkeypatch.setenv(name, value)

    assert KEY not in repr(load_settings())


def test_every_setting_is_documented(request: pytest.FixtureRequest) -> None:
    """`.env.example` has a commented line for each variable and for nothing else."""
    example = (request.config.rootpath / ".env.example").read_text()
    documented = {
        line[1:].partition("=")[0] for line in example.splitlines() if line[:1] == "#" and line[1:2].isupper()
    }
    documented = {name for name in documented if name.isidentifier()}

    assert {name.upper() for name in Settings.model_fields} == documented


PRODUCTION = {
    "APP_ENV": "production",
    "JWT_SECRET_KEY": "0123456789abcdef" * 2,
    "DATABASE_URL": "postgresql+psycopg://bookbytes:password@host/bookbytes",
}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DATABASE_URL", "", "APP_ENV is 'production': set DATABASE_URL to a PostgreSQL database"),
        ("DATABASE_URL", "sqlite:///library.db", "APP_ENV is 'production': set DATABASE_URL to a PostgreSQL database"),
        ("AUTH_MODE", "api_key", "AUTH_MODE is 'api_key', which is for development"),
    ],
)
def test_production_refuses_what_is_for_a_laptop(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    """A process that would serve users insecurely does not start."""
    for variable, good in {**PRODUCTION, "API_KEY": "0123456789abcdef", name: value}.items():
        monkeypatch.setenv(variable, good)

    with pytest.raises(InvalidSettings, match=message):
        load_settings()


def test_only_the_api_needs_the_signing_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker starts without it in production; the API does not."""
    for variable, good in {**PRODUCTION, "JWT_SECRET_KEY": ""}.items():
        monkeypatch.setenv(variable, good)
    settings = load_settings()

    with pytest.raises(InvalidSettings, match="APP_ENV is 'production': set JWT_SECRET_KEY"):
        settings.require_signing_key()
    with pytest.raises(InvalidSettings, match="APP_ENV is 'production': set JWT_SECRET_KEY"):
        create_app(settings)


def test_production_starts_with_the_required_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are PostgreSQL and a long secret; the logs are JSON."""
    for variable, good in PRODUCTION.items():
        monkeypatch.setenv(variable, good)

    assert load_settings().logs_as_json


@pytest.mark.parametrize("name", ["what?", "a*b", "[1]", "my%20books"])
def test_a_home_that_dagster_would_misread_is_refused(name: str, tmp_path: Path) -> None:
    """Dagster takes its home for a pattern and its databases for URLs, and would use another folder."""
    with pytest.raises(InvalidSettings) as refused:
        load_settings(bookbytes_home=name)

    misread = "Dagster misreads ?, *, [ and % before two digits in a path"
    assert f"BOOKBYTES_HOME is '{tmp_path}/{name}': {misread}; choose another folder." == str(refused.value)


def test_a_home_is_used_exactly_as_it_is_called(tmp_path: Path) -> None:
    """Also in the URL of its database."""
    database = Database(load_settings(bookbytes_home=ODD_NAME).library_url)
    database.check()

    assert (tmp_path / ODD_NAME / "library.db").is_file()
    assert f"sqlite:///{tmp_path}/{ODD_NAME}/library.db" == database.address


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("x/" * 200, "BOOKBYTES_HOME has a path of more than 400 bytes; choose a shorter one."),
        ("h\udce4me", "BOOKBYTES_HOME is 'h\\udce4me'; it should be a path in UTF-8."),
        (
            "~nobody-has-this-name/x",
            "BOOKBYTES_HOME is '~nobody-has-this-name/x'; it should be a path; there is no such user.",
        ),
    ],
)
def test_a_home_that_cannot_be_used_is_one_sentence(path: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too long for SQLite, in another encoding, or of a user who does not exist."""
    monkeypatch.setenv("BOOKBYTES_HOME", path)

    with pytest.raises(InvalidSettings) as refused:
        load_settings()

    assert message == str(refused.value)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_settings_are_read_as_windows_saves_them(mark: str, tmp_path: Path) -> None:
    """With a byte order mark, which is not part of the first name, and with its line ends."""
    (tmp_path / ".env").write_bytes(f"{mark}TTS_VOICE=J\u00fcrgen\r\nPORT=8123\r\n".encode())
    settings = load_settings()

    assert ("J\u00fcrgen", 8123) == (settings.tts_voice, settings.port)


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("latin-1", "is not UTF-8 in line 2: save it as UTF-8."),
        ("utf-16", "is UTF-16: save it as UTF-8."),
        ("utf-16-le", "is UTF-16: save it as UTF-8."),
    ],
)
def test_settings_in_another_encoding_are_refused(encoding: str, message: str, tmp_path: Path) -> None:
    """Half of them would be ignored, or mean something else."""
    (tmp_path / ".env").write_bytes("PORT=8123\nTTS_VOICE=J\u00fcrgen\n".encode(encoding))

    with pytest.raises(InvalidSettings) as refused:
        load_settings()

    assert f"{tmp_path}/.env {message}" == str(refused.value)


def test_origins_are_compared_as_browsers_send_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """In lower case, without the path and without the port that the scheme implies."""
    monkeypatch.setenv("CORS_ORIGINS", "https://Books.Example.org:443/, http://[::1]:80,http://localhost:3000")

    assert ("https://books.example.org", "http://[::1]", "http://localhost:3000") == load_settings().cors_origins
