"""The demo shop. It speaks to the service as any partner does, with the package in clients/python."""

import sys
from pathlib import Path

# From this checkout, where nobody has to install it: requirements.txt holds only what a package index has, by its hash.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "clients" / "python"))
