"""Documents: a view → a paper (one file for each document), a paper → bytes (one file for each format).

Pure: nothing here reads a store, a clock or a file. One more document is one function that returns a `Paper`.
"""
