"""What Dagster loads: assets, jobs, schedules, resources and IO managers; `definitions.py` puts them together."""
