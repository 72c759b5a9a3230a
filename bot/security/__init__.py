"""Keys, sealing, redaction."""
