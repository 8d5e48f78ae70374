"""A real Dagster for tests: code server, queue and daemon on this machine, and providers that do as a test says."""
