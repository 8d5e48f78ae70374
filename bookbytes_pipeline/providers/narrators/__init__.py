"""Narrators, one file per vendor."""
