"""How much do the helpers, the ways to ask and the class server cost? `make bench` says it.

Everything is compared with a bare llama-server in the same run, in turns: seconds differ from
computer to computer, and from minute to minute; the ratios should not. It takes ten minutes at
most. `make bench BENCH=--quick` takes a glance at each part, which shows that all of it works and
nothing more.
"""

import argparse
import time
from pathlib import Path

import learners
import report
import routes
import start
from limits import QUICK, Limits

FOLDER = Path(__file__).resolve().parents[2] / "bench"


def main() -> None:
    """Measure, print, and write what was found."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a glance at each part")
    wanted = parser.parse_args()
    limits, begin = QUICK if wanted.quick else Limits(), time.monotonic()
    found = {"quick": wanted.quick, **report.described()}
    parts = {
        "start": start.start, "beside": start.beside_others, "routes": routes.routes,
        "class": learners.classes,
    }  # fmt: skip
    for name, measure in parts.items():
        print(f"Measuring: {name} ({time.monotonic() - begin:.0f} s so far)", flush=True)
        found[name] = measure(limits)
    found["minutes"] = round((time.monotonic() - begin) / 60, 1)
    print(f"\n{report.table(found)}")
    report.write(found, FOLDER)
    print(f"\nThe numbers and a picture are in {FOLDER}.")


if __name__ == "__main__":
    main()
