"""What was measured, as text for the terminal and as docs/benchmarks.md."""

from collections.abc import Iterable, Sequence

from benchmarks.measured import Measured
from benchmarks.targets import target_of

PICTURES = {
    "reads": ("Polls", ("poll/", "304/")),
    "writes": ("Gifts made and paid", ("post/", "return")),
    "lists": ("Lists", ("savings/", "savings statements", "goal page/")),
    "before": ("Now and before", ("before/",)),
    "tails": ("The others' p99", ("p99/",)),
    "worker": ("The worker, and memory", ("worker", "memory")),
}
"""A picture each, and the keys of the lines that it shows."""

HEADER = ("what", "database", "median", "spread", "of", "target", "")


def rows(lines: Iterable[Measured]) -> list[tuple[str, ...]]:
    """Cells of the table."""
    return [_row(line) for line in lines]


def _row(line: Measured) -> tuple[str, ...]:
    target = target_of(line)
    verdict = ("met" if target.is_met(line) else "MISSED") if target else ""
    spread = f"{min(line.values):.3g} to {max(line.values):.3g}" if len(line.values) > 1 else ""
    unit = "" if line.unit == "x" else f" {line.unit}"
    title = f"{line.title} ({line.note})" if line.note else line.title
    return title, line.database, f"{line.median:.3g}{unit}", spread, _of(line), target.told(line) if target else "", verdict


def _of(line: Measured) -> str:
    """The two things whose ratio it is, by their medians."""
    if not line.below:
        return ""
    above, below = (sorted(values)[len(values) // 2] for values in (line.above, line.below))
    return f"{above:.4g} : {below:.4g} {line.parts[2]}"


def text(lines: Sequence[Measured]) -> str:
    """For the terminal."""
    cells = [HEADER, *rows(lines)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(HEADER))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)


def markdown(lines: Sequence[Measured], machine: dict[str, str], how: str) -> str:
    """The page, with a picture of each group."""
    told = "\n".join(f"| {name} | {value} |" for name, value in machine.items())
    parts = [INTRODUCTION.format(how=how), f"| | |\n| --- | --- |\n{told}\n"]
    for name, (title, keys) in PICTURES.items():
        mine = [line for line in lines if line.key.startswith(keys)]
        if mine:
            parts.append(f"## {title}\n\n![{title}: ratios and their spread](benchmarks/{name}.svg)\n\n{_table(mine)}\n")
    return "\n".join(parts)


def _table(lines: Iterable[Measured]) -> str:
    rule = ("---",) * len(HEADER)
    return "\n".join("| " + " | ".join(row) + " |" for row in (HEADER, rule, *rows(lines)))


INTRODUCTION = """# Benchmarks

Written by `make bench`, which runs everything anew on your machine. Only ratios can be compared between machines: what is
compared was measured in turn, round by round, and the median of the rounds' ratios is shown with the smallest and the
largest. The targets are kept in `benchmarks/targets.py`; `make bench-check` holds the last run against them. How each line is
measured, and what the peers are: [benchmarks/README.md](../benchmarks/README.md).

{how}
"""
