"""`bookbytes prune`: what the store holds and nothing needs any more is deleted."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import click

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.settings import load_settings
from bookbytes_pipeline.store.store import open_store


@click.command
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
def prune(dry_run: bool) -> None:
    """Delete clips, cached answers, attached texts and artefacts that nothing needs any more.

    What the library plays, what belongs to a partition, and what a run has made or may continue with stays, and so does
    everything of the last 24 hours, texts for 30 days. Running it beside everything else does no harm.
    """
    from bookbytes_pipeline.instance.storage import open_instance_storage  # noqa: PLC0415 - Dagster takes seconds
    from bookbytes_pipeline.pruning.decisions import Limits  # noqa: PLC0415 - as above
    from bookbytes_pipeline.pruning.needs import Needs  # noqa: PLC0415 - as above
    from bookbytes_pipeline.pruning.prune import prune as prune_store  # noqa: PLC0415 - as above

    settings = load_settings()
    with open_instance_storage(settings, wait_for_database=False) as instance:
        needs = Needs(open_store(settings.store_config), Database(settings.library_url), instance)
        pruned = prune_store(needs, Limits.at(datetime.now(UTC)), dry_run=dry_run)
    for kind in pruned.files:
        click.echo(f"{kind}: {pruned.files[kind]:,}, {_size(pruned.bytes[kind])}")
    click.echo(_total(pruned.files, pruned.bytes, dry_run=dry_run))
    if pruned.being_made:
        click.echo(f"Books being made, which are left alone: {pruned.being_made:,}.")
    if pruned.of_older_versions:
        click.echo(
            "Answers cached by older versions stay until every book has been processed again: "
            f"{pruned.of_older_versions:,} to go."
        )


def _total(files: Counter[Any], sizes: Counter[Any], *, dry_run: bool) -> str:
    if not files:
        return "There is nothing to delete."
    done = "would be deleted; nothing was" if dry_run else "deleted"
    return f"{files.total():,} {'file' if files.total() == 1 else 'files'}, {_size(sizes.total())}, {done}."


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:  # noqa: PLR2004 - as SI has it
            return f"{count:.1f} {unit}" if unit != "bytes" else f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:,.1f} GB"


commands = {"prune": prune}
