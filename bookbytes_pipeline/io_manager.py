"""Assets as JSON files: `<asset>/<isbn>.json`, written whole, typed and validated when read."""

from typing import Any

import dagster as dg
from pydantic import TypeAdapter, ValidationError
from upath import UPath

from bookbytes_pipeline.domain.errors import StoreUnavailable
from bookbytes_pipeline.partitions import require_isbn
from bookbytes_pipeline.store.base import read_whole, write_whole


class JsonIOManager(dg.IOManager):
    """Keeps frozen values under a base path. Never pickle: who can write the store must not run code in a worker."""

    def __init__(self, base: UPath) -> None:
        self.base = base

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Write the asset's value."""
        path = self._path(context.asset_key, context.partition_key)
        write_whole(path, TypeAdapter(Any).dump_json(obj, indent=1))
        context.add_output_metadata({"path": str(path)})

    def load_input(self, context: dg.InputContext) -> Any:
        """Read the value of an upstream asset, as the type that the downstream asset asks for."""
        path = self._path(context.asset_key, context.partition_key)
        content = read_whole(path)
        if content is None:
            raise StoreUnavailable(f"{path} is not there: materialize {context.asset_key.to_user_string()} first.")
        try:
            return TypeAdapter(context.dagster_type.typing_type).validate_json(content)
        except ValidationError as error:
            asset = context.asset_key.to_user_string()
            raise StoreUnavailable(f"{path} does not hold a {asset}: materialize it again.") from error

    def _path(self, asset: dg.AssetKey, partition: str) -> UPath:
        return self.base.joinpath(*asset.path, f"{require_isbn(partition)}.json")
