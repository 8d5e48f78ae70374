"""From a configuration to a store; no connection is made."""

from pathlib import Path

from bookbytes_pipeline.settings import load_settings
from bookbytes_pipeline.store.bucket import Bucket
from bookbytes_pipeline.store.config import StoreConfig
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.store import open_store


def test_a_local_store_is_a_folder(tmp_path: Path) -> None:
    """The settings of a bucket are ignored."""
    config = StoreConfig("local", tmp_path, bucket="bookbytes")

    assert Folder(tmp_path) == open_store(config).files


def test_a_bucket_is_opened_as_configured(tmp_path: Path) -> None:
    """Every value of the configuration reaches the bucket, and only a run waits for a bucket that is down."""
    config = StoreConfig("s3", tmp_path, "bookbytes", "books", "eu-central-1", "http://s3:9000", "https://listen")
    expected = Bucket("bookbytes", "books", "eu-central-1", "http://s3:9000", "https://listen", wait_s=0)

    assert expected == open_store(config).files
    assert open_store(config, wait_s=7).files == Bucket(
        "bookbytes", "books", "eu-central-1", "http://s3:9000", "https://listen", wait_s=7
    )


def test_the_settings_say_where_the_store_is(tmp_path: Path) -> None:
    """The settings have the names of `.env.example`."""
    settings = load_settings(
        _env_file=None,
        bookbytes_home=tmp_path,
        storage_backend="s3",
        s3_bucket="bookbytes",
        s3_prefix="books",
        s3_region="eu-central-1",
        s3_endpoint_url="http://s3:9000",
        s3_public_url="https://listen",
    )

    assert settings.store_config == StoreConfig(
        "s3", tmp_path / "store", "bookbytes", "books", "eu-central-1", "http://s3:9000", "https://listen"
    )
    assert load_settings(_env_file=None, bookbytes_home=tmp_path).store_config == StoreConfig(
        "local", tmp_path / "store"
    )
