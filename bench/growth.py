"""Measure what each page and action costs on lists of growing length.

    python -m bench.growth [--sizes 1000,100000,1000000] [--rounds 5]

Prints a Markdown table: milliseconds of CPU for each action on SQLite, the least of the rounds, and how many times the
first size's the others are. Half of the to-dos are active, a quarter is completed, a quarter deleted.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from tests.support.long_list import ACTIONS, Ana, fill
from webapp import create_app
from webapp.config import Config

SECRET = "a secret key that only this benchmark knows"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,100000,1000000", help="numbers of to-dos")
    parser.add_argument("--rounds", type=int, default=5, help="how often each action is measured")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    taken: dict[str, list[float]] = {}
    with TemporaryDirectory() as folder:
        app = create_app(Config(Path(folder), f"sqlite:///{folder}/growth.sqlite3", SECRET))
        ana = Ana(app)
        filled = 0
        for size in sizes:
            fill(app, filled + 1, size)
            filled = size
            for action in ACTIONS:
                taken.setdefault(" ".join(action[:2]), []).append(least(ana, action, size, options.rounds))
    print("| action | " + " | ".join(f"{size:,}" for size in sizes) + " |")
    print("|---|" + "---|" * len(sizes))
    for name, seconds in taken.items():
        first = f"{seconds[0] * 1000:.2f} ms"
        print(f"| {name} | {first} | " + " | ".join(f"{each / seconds[0]:.2f} ×" for each in seconds[1:]) + " |")


def least(ana: Ana, action: tuple, size: int, rounds: int) -> float:  # type: ignore[type-arg]
    """CPU seconds of an action, by all clients that can do it."""
    found = []
    for _ in range(rounds):
        ana.choose(size // 2)
        begun = process_time()
        ana.ask(*action)
        found.append(process_time() - begun)
    return min(found)


if __name__ == "__main__":
    main()
