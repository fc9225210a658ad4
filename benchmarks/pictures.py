"""A picture of each group of lines: `var/bench/bin/python -m benchmarks.pictures RESULTS FOLDER`. Needs matplotlib."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

from benchmarks.measured import Measured, from_json
from benchmarks.report import PICTURES
from benchmarks.targets import AT_LEAST, target_of

mpl.use("svg")
from matplotlib import pyplot

COLOURS = {"SQLite": "#8a5a00", "PostgreSQL": "#2f5d8a"}
MISSED = "#b3261e"


def draw(lines: Sequence[Measured], title: str, file: Path) -> None:
    """Each line's rounds as dots and their median as a bar; its target as a mark, red where it is missed."""
    figure, axes = pyplot.subplots(figsize=(9, 0.8 + 0.45 * len(lines)))
    for place, line in enumerate(reversed(lines)):
        target = target_of(line)
        axes.barh(place, line.median, height=0.55, color=COLOURS[line.database], alpha=0.45)
        axes.plot(line.values, [place] * len(line.values), ".", color=COLOURS[line.database], markersize=5)
        if target:
            colour = "black" if target.is_met(line) else MISSED
            axes.plot([target.value], [place], ">" if target.bound == AT_LEAST else "<", color=colour, markersize=8)
    axes.set_yticks(range(len(lines)), [f"{line.title}\n{line.database}, {line.unit}" for line in reversed(lines)], fontsize=7)
    if all(value > 0 for line in lines for value in line.values):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.axvline(1, color="grey", linewidth=0.6)
    axes.set_title(f"{title}: medians (bars), rounds (dots), targets (arrows)", fontsize=9)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


def main(results: Path, folder: Path) -> None:
    lines = [from_json(line) for line in json.loads(results.read_text())["lines"]]
    folder.mkdir(exist_ok=True)
    mpl.rcParams["svg.hashsalt"] = "benchmarks"
    for name, (title, keys) in PICTURES.items():
        mine = [line for line in lines if line.key.startswith(keys)]
        if mine:
            draw(mine, title, folder / f"{name}.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
