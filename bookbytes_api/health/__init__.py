"""Whether the API is alive and ready."""
