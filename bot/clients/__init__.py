"""Adapters for outside services."""
