"""Fakes of external services: real HTTP servers on loopback that behave as the originals do."""
