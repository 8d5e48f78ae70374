"""What a run asks again although it has been answered before: by its tag, or by the config of its assets."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
from pydantic import Field

from bookbytes_pipeline.constants import FORCE_TAG, FORCE_TAG_0_3
from bookbytes_pipeline.domain.errors import InvalidSettings
from bookbytes_pipeline.providers.response_cache import CallScope


class ForceConfig(dg.Config):
    """The config of an asset whose answers are cached."""

    force: bool | None = Field(
        default=None,
        description="true: ask again instead of using cached answers. false: use them. "
        f"Without it, the tag {FORCE_TAG} of the run decides.",
    )


class ChaptersForceConfig(ForceConfig):
    """The config of an asset that is made chapter by chapter."""

    chapters: list[int] = Field(
        default=[], description="The numbers of the chapters that are asked again; without it, all of them."
    )


@dataclass(frozen=True)
class Force:
    """The force token, empty where cached answers are used, and the numbers of the chapters that it is for."""

    token: str
    chapters: frozenset[int]


def chapters_config(context: dg.AssetExecutionContext, asset: str) -> ChaptersForceConfig:
    """Return the config that another asset has in this run."""
    run_config: Mapping[str, Any] = context.run.run_config
    return ChaptersForceConfig(**run_config.get("ops", {}).get(asset, {}).get("config", {}))


def force_token(context: dg.AssetExecutionContext, config: ForceConfig) -> str:
    """Return the force token of an asset; empty for one that uses the answers there are.

    Retries have the token of the run that they retry, and so continue where it stopped.
    """
    if config.force is False:
        return ""
    of_run = context.run.tags.get(FORCE_TAG) or context.run.tags.get(FORCE_TAG_0_3, "")
    return of_run or (root_run_id(context) if config.force else "")


def root_run_id(context: dg.AssetExecutionContext) -> str:
    """Return the id of the run that this one retries, or its own."""
    return context.run.root_run_id or context.run.run_id


def call_scope(context: dg.AssetExecutionContext, token: str = "") -> CallScope:
    """Return what the calls of an asset are made for; `token` is its force token, if all of it is forced."""
    return CallScope(context.partition_key, token, root_run_id(context))


def force_chapters(context: dg.AssetExecutionContext, config: ChaptersForceConfig, numbers: Collection[int]) -> Force:
    """Return what is asked again of the chapters with these numbers.

    Raises `InvalidSettings`, before anything is asked, where the config names chapters in vain.
    """
    token = force_token(context, config)
    if config.chapters and not token:
        raise InvalidSettings("The run config has `chapters` without `force: true`, so no chapter would be made again.")
    require_chapters(config.chapters, numbers)
    return Force(token, frozenset(config.chapters or numbers) if token else frozenset())


def require_chapters(asked: Collection[int], numbers: Collection[int]) -> None:
    """Raise `InvalidSettings` if the book lacks one of the chapters."""
    if missing := sorted(set(asked) - set(numbers)):
        named, last = ", ".join(map(str, missing)), max(numbers, default=0)
        raise InvalidSettings(f"There is no chapter {named}: the book has the chapters 1 to {last}.")
