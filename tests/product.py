"""The product's own modules, for tests that read them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_PRODUCT = {"tests", "benchmarks", "var", "demo"}
"""The demo shop is a partner: what it makes of the decimals on the wire is its own affair."""

PRODUCT = [
    path
    for top in sorted(ROOT.iterdir())
    if top.name not in NOT_PRODUCT and not top.name.startswith(".")
    for path in (sorted(top.rglob("*.py")) if top.is_dir() else [top])
    if path.suffix == ".py"
]
