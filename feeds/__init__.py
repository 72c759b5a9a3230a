"""Outside sources: one file per kind; fetch.py is the one safe way out."""
