"""Jobs: one person's request for one book, and how far it has come."""
