"""Jobs: a user's request for a book, and how far it has come."""
