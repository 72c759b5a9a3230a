"""Conversations: one file each."""
