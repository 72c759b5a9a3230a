"""Channels: one file per transport. Each line below brings one up when its setting is there."""
