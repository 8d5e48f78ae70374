"""The processes of a machine: the code server, and everything that `bookbytes serve` starts."""
