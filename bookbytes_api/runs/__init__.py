"""Dagster as the API sees it: runs are launched, read and cancelled here and nowhere else."""
