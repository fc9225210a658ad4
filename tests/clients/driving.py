"""The client packages as processes that do what they are told: one line of JSON in, one out.

{"do": "createContribution", "with": {"goalId": ..., "amount": "20.00"}} is answered by {"ok": the record, its attributes in
camelCase} or {"error": {"kind": "VersionConflict", ...}}. The scenarios are the same for all: only the driver differs.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.examples import ROOT
from tests.eventually import SECONDS, killed_if_late

DRIVERS = Path(__file__).resolve().parent / "drivers"
LANGUAGES = {
    "python": [sys.executable, str(DRIVERS / "driver.py")],
    "javascript": ["node", str(DRIVERS / "driver.mjs")],
    "php": ["php", "-d", "display_errors=stderr", str(DRIVERS / "driver.php")],
}


class Refused(Exception):
    """What the package threw, with its kind and all that it says."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(f"{told['kind']}: {told['message']}")
        self.kind: str = told["kind"]
        self.told = told

    def __getitem__(self, name: str) -> Any:
        return self.told[name]


class Driver:
    """One package in a process of its own."""

    def __init__(self, language: str) -> None:
        command = LANGUAGES[language]
        if shutil.which(command[0]) is None:
            pytest.skip(f"there is no {command[0]} on this machine")
        environment = os.environ | {"PYTHONPATH": str(ROOT / "clients" / "python"), "PYTHONWARNINGS": "error"}
        # A proxy of this machine is not to be asked.
        environment |= {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}
        self.language = language
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def begin(self, what: str, **given: Any) -> None:
        """Ask for something, and do not wait for the answer."""
        assert self.process.stdin is not None
        given = {name: value for name, value in given.items() if value is not None}
        self.process.stdin.write(json.dumps({"do": what, "with": given}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        """The answer to what was asked for. Raises Refused."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        with killed_if_late(self.process, SECONDS):
            line = self.process.stdout.readline()
        assert line, f"the driver has ended: {self.process.stderr.read()}"
        told = json.loads(line)
        if "error" in told:
            raise Refused(told["error"])
        return told["ok"]

    def __call__(self, what: str, **given: Any) -> Any:
        self.begin(what, **given)
        return self.answer()

    def close(self) -> None:
        self.process.kill()
        with self.process:
            pass
