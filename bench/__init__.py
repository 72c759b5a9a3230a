"""Benchmarks: `make bench` prints what this machine does."""
