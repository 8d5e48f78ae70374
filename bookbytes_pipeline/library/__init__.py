"""The library: what people see and hear of the books that were made."""
