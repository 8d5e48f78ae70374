"""Metadata sources, one file per vendor."""
