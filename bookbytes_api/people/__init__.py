"""People as administrators see them: who has an account, and what is changed about it."""
