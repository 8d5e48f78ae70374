"""The Dagster instance seen from outside a run: opening it, partitions, locks on books, orphaned runs."""
