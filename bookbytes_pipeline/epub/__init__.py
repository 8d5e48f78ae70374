"""An EPUB file, 2 or 3, as chapters of plain text: `reading.read_epub` and `reading.read_cover`."""
