"""A SQL database, SQLite or PostgreSQL: opening, sessions, locks, migrations, outages. Knows no table."""
