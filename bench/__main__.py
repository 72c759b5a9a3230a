"""Run every benchmark in this folder: `make bench`."""

import importlib
import pkgutil

import bench

for module in sorted(pkgutil.iter_modules(bench.__path__), key=lambda module: module.name):
    if module.name != "__main__":
        importlib.import_module(f"bench.{module.name}").main()
