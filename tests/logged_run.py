"""A run in this process whose assets log as ours do, without making anything."""

import asyncio

import dagster as dg

from bookbytes_pipeline.constants import AUTHORS, BOOK_METADATA, CHAPTER_SUMMARIES, TITLE
from bookbytes_pipeline.domain.book import Chapter
from bookbytes_pipeline.execution.chapters import for_each_chapter

BOOK_TITLE, BOOK_AUTHORS = "On Rivers", ["Ada Ford", "Bo Li"]
CHAPTERS = (Chapter(1, "Springs"), Chapter(2, "Rapids"))
_PARTITION = "9780306406157"


@dg.asset(name=BOOK_METADATA)
def _book(context: dg.AssetExecutionContext) -> None:
    context.log_event(dg.AssetObservation(context.asset_key, metadata={TITLE: BOOK_TITLE, AUTHORS: list(BOOK_AUTHORS)}))


@dg.asset(name=CHAPTER_SUMMARIES, deps=[_book], partitions_def=dg.StaticPartitionsDefinition([_PARTITION]))
def _summaries(context: dg.AssetExecutionContext) -> None:
    """The second of two chapters is there already."""

    async def summarised(chapter: Chapter) -> int:
        return chapter.number

    asyncio.run(for_each_chapter(context, CHAPTERS, summarised, at_once=1, is_reused=lambda number: number == 2))


@dg.asset(name="of_somebody_else", deps=[_summaries])
def _other(context: dg.AssetExecutionContext) -> None:
    context.log_event(dg.AssetObservation(context.asset_key))


def materialize(instance: dg.DagsterInstance) -> str:
    """Run the assets; returns the id of the run."""
    return dg.materialize([_book, _summaries, _other], instance=instance, partition_key=_PARTITION).run_id
