"""The processes that stand on a machine: the code server, and everything that `bookbytes serve` starts."""
