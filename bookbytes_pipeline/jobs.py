"""The job that makes a book."""

import dagster as dg

from bookbytes_pipeline.names import ASSETS, JOB, PEOPLE_PRIORITY, PRIORITY_TAG

process_book = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.assets(*ASSETS),
    description="Everything from the metadata to the published book, for one ISBN.",
    tags={PRIORITY_TAG: PEOPLE_PRIORITY},
)
