"""Where people are in their books: positions, listening sessions, time listened, bookmarks."""
