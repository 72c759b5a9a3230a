"""Tables and queries, one file per noun. A service opens the transaction and hands it in."""
