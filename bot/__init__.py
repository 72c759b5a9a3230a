"""Beatline: a line to your beat. The engine; it knows nothing of Telegram, HTTP or SQLite."""

__version__ = "0.1.0"
