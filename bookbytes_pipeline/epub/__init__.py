"""EPUB 2 and 3 files as chapters of plain text: `reader` reads them, `validation` says which may be attached."""
