"""The programs in the packages' READMEs, run as they stand."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import pay
from tests.crashes.processes import Service
from tests.docs.examples import ROOT, blocks_of
from tests.eventually import SECONDS, killed_if_late

pytestmark = pytest.mark.one_database

CLIENTS = ROOT / "clients"
INTERPRETERS = {"python": sys.executable, "javascript": "node", "php": "php"}
CHECKS = {"python": ["-m", "py_compile"], "javascript": ["--check"], "php": ["-l"]}


def programs(language: str, folder: Path) -> list[list[str]]:
    """The commands that run the blocks of a README, in order."""
    if shutil.which(INTERPRETERS[language]) is None:
        pytest.skip(f"there is no {INTERPRETERS[language]} on this machine")
    commands = []
    for number, block in enumerate(blocks_of(CLIENTS / language / "README.md", language)):
        text = block.text
        if language == "php":
            text = f"<?php\nrequire '{CLIENTS / 'php' / 'autoload.php'}';\n{text}"
        file = folder / f"program{number}.{ {'python': 'py', 'javascript': 'mjs', 'php': 'php'}[language] }"
        file.write_text(text)
        commands.append([INTERPRETERS[language], str(file)])
    if language == "javascript":
        (folder / "node_modules").mkdir()
        (folder / "node_modules" / "whipround").symlink_to(CLIENTS / "javascript")
    return commands


@pytest.mark.parametrize("language", INTERPRETERS)
def test_the_programs_of_a_readme_do_what_it_says(language: str, service: Service, keys: list[str], tmp_path: Path) -> None:
    start, follow, receive = programs(language, tmp_path)
    key = keys.pop()
    environment = os.environ | {"PYTHONPATH": str(CLIENTS / "python")}
    environment |= {"WHIPROUND_ADDRESS": service.base_url, "WHIPROUND_KEY": key}
    with subprocess.Popen(start, env=environment, stdout=subprocess.PIPE, text=True) as running, killed_if_late(running):
        assert running.stdout is not None
        provider_url = running.stdout.readline().strip()
        pay(service, provider_url)
        assert running.stdout.read() == "Settled\n"
    with subprocess.Popen(follow, env=environment, stdout=subprocess.PIPE, text=True) as running, killed_if_late(running):
        assert running.stdout is not None
        for line in running.stdout:
            told = line.split()
            if told[0] == "contribution.settled":
                break
        assert told == ["contribution.settled", provider_url.rpartition("/")[2], "20.00"]
        running.kill()
    command = [receive[0], *CHECKS[language], receive[1]]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=SECONDS)


@pytest.mark.parametrize("language", INTERPRETERS)
def test_every_error_that_a_readme_names_is_there(language: str) -> None:
    text = (CLIENTS / language / "README.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    package = {"python": "python/whipround", "javascript": "javascript/src", "php": "php/src"}[language]
    sources = "".join(
        file.read_text() for file in sorted((CLIENTS / package).iterdir()) if file.suffix in {".py", ".js", ".php"}
    )
    assert named
    assert {name for name in named if not re.search(rf"\bclass {name}\b", sources)} == set()
