"""The product's own modules, for tests that read them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_PRODUCT = {"tests", "benchmarks", "var", "demo", "clients"}
"""The demo shop is a partner, and so is whoever uses a client package: what they make of decimals is their own affair."""

PRODUCT = [
    path
    for top in sorted(ROOT.iterdir())
    if top.name not in NOT_PRODUCT and not top.name.startswith(".")
    for path in (sorted(top.rglob("*.py")) if top.is_dir() else [top])
    if path.suffix == ".py"
]
