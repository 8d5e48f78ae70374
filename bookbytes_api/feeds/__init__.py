"""Private podcast feeds: a person's shelf, or one book, in the apps that people have."""
