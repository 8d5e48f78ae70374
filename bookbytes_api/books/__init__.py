"""The library: its books, their chapters and clips."""
