"""Deleting what the store holds and nothing needs any more."""
