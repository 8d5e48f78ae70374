"""The library as an OPDS catalogue, for reading and listening apps: one view of it, written as 1.2 and as 2.0."""
