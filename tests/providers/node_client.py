"""Somebody else's client for Node, in a process of its own: asked and answering by lines of JSON.

`make opinions` installs the clients that tests/providers/node/package-lock.json names; without them their tests are skipped.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.eventually import killed_if_late

HERE = Path(__file__).parent / "node"
NODE = shutil.which("node")
INSTALLED = (HERE / "node_modules" / ".package-lock.json").is_file()
"""npm writes this file when it has finished: half an installation is none."""

SECONDS = 30

BY_NODE = pytest.mark.skipif(
    not (NODE and INSTALLED), reason="Other people's clients for Node are not installed: make opinions (needs Node.js and npm)"
)


class NodeClient:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        with killed_if_late(self._process, SECONDS):
            line = self._process.stdout.readline()
        assert line, "the client died"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def node_client(script: str) -> Iterator[NodeClient]:
    """The client that a script of this folder's `node/` wraps, until the block ends."""
    command = [NODE or "", "--no-warnings", str(HERE / script)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield NodeClient(process)
        process.communicate(timeout=SECONDS)
    finally:
        process.kill()
        process.wait(SECONDS)
