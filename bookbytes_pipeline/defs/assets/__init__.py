"""One book, step by step: each file is one asset, named as in the Dagster UI."""
