"""Books that are not in the library yet, as Open Library has them."""
