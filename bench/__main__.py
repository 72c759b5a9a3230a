"""Run every benchmark in this folder: `make bench`. `--short` does little of each, in seconds."""

import argparse
import importlib
import pkgutil

import bench

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--short", action="store_true")
parser.add_argument("names", nargs="*", help="which; all when left out")
given = parser.parse_args()

for module in sorted(pkgutil.iter_modules(bench.__path__), key=lambda module: module.name):
    if module.name != "__main__" and module.name in (given.names or [module.name]):
        importlib.import_module(f"bench.{module.name}").main(short=given.short)
