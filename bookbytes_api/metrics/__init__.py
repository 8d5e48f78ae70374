"""Figures for Prometheus: how requests go, where jobs and runs stand, and what providers are asked."""
