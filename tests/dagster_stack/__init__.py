"""A real Dagster for tests: code server, queue and daemon on this machine, with scripted providers."""
