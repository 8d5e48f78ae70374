"""Metrics for Prometheus: requests, jobs and runs by state, and the usage of providers."""
