"""`bookbytes serve`: the API, Dagster's UI, its daemon and its code server on this machine, as one command."""
