"""People: accounts, passwords, tokens, and who may do what."""
