"""Assets as JSON files: `<asset>/<isbn>.json`, written atomically, typed and validated when read."""

from typing import Any

import dagster as dg
import msgspec

from bookbytes_pipeline.domain.errors import StoreUnavailable
from bookbytes_pipeline.instance.partitions import require_isbn
from bookbytes_pipeline.store.files import Files


class JsonIOManager(dg.IOManager):
    """Keeps frozen values in the store. Never pickle: who can write the store must not run code in a worker."""

    def __init__(self, files: Files) -> None:
        self.files = files

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Write the asset's value."""
        key = _key(context.asset_key, context.partition_key)
        self.files.write(key, msgspec.json.format(msgspec.json.encode(obj), indent=1))
        context.add_output_metadata({"path": self.files.address(key)})

    def load_input(self, context: dg.InputContext) -> Any:
        """Read the value of an upstream asset, as the type that the downstream asset asks for."""
        key = _key(context.asset_key, context.partition_key)
        content, address = self.files.read(key), self.files.address(key)
        asset = context.asset_key.to_user_string()
        if content is None:
            raise StoreUnavailable(f"{address} is not there: materialize {asset} first.")
        try:
            return msgspec.json.decode(content, type=context.dagster_type.typing_type)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise StoreUnavailable(f"{address} does not hold a {asset}: materialize it again.") from error


def _key(asset: dg.AssetKey, partition: str) -> str:
    return "/".join([*asset.path, f"{require_isbn(partition)}.json"])
