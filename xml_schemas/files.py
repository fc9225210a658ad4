"""Where the published schemas are."""

from pathlib import Path

XSD = Path(__file__).with_name("contributions.xsd")
DTD = Path(__file__).with_name("contributions.dtd")
