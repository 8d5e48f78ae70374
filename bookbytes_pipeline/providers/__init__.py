"""Outside helpers: metadata sources, language models, narrators. One file per vendor, no Dagster."""
