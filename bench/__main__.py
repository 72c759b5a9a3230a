"""Run the benchmarks: `make bench`. `--short` does little of each, in seconds."""

import argparse
from importlib import import_module

from bench.results import Result, machine, table, write

NAMES = ("delivery", "kills", "size", "postcodes", "feeds", "chats", "placing", "subjects")

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--short", action="store_true", help="only prove that they work")
parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="which; all when left out")
given = parser.parse_args()
if given.write and (given.short or given.names):
    parser.error("only a whole run is worth writing down")

results: list[Result] = []
for name in given.names or NAMES:
    print(f"{name} …", flush=True)
    found: list[Result] = import_module(f"bench.{name}").main(short=given.short)
    results += found
print(machine())
print(table(results))
if given.write:
    write(results)
