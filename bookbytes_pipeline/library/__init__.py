"""The library: what people see and hear of the books that were made.

Whoever writes its rows keeps the search index up, too.
"""

from bookbytes_pipeline.library import search_index as search_index
