"""A language as residents will see it, on one page: the translator's screenshot."""
