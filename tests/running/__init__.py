"""A real Dagster for tests: code server, queue and daemon on this machine, with a toy in place of the pipeline."""
