"""The README: its commands are there, and its curl lines do what they say."""

import os
import re
import shutil
import subprocess

import pytest

from tests.conftest import Giver, register
from tests.docs.examples import ROOT, blocks_of
from tests.eventually import SECONDS

README = ROOT / "README.md"
ADDRESS = "http://127.0.0.1:8000"


def test_every_make_command_names_a_target_that_is_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {}
    for file in [README, *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"(?:^    |`)make ([a-z-]+)", file.read_text(), re.MULTILINE):
            named.setdefault(target, file.name)
    assert {"run", "test", "demo", "check"} <= set(named)
    assert {target: file for target, file in named.items() if target not in targets} == {}


@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="bash or curl is not installed")
@pytest.mark.django_db(transaction=True)
def test_the_readmes_first_gift_goes_through_with_real_curl(live_server, settings):
    settings.PUBLIC_BASE_URL = live_server.url
    register_line, goal_lines, gift_lines = (block.text for block in blocks_of(README, "sh"))
    assert 'manage.py create_partner "My Site"' in register_line
    known = {"KEY": register("My Site").api_key}

    goal = _run(goal_lines, live_server.url, known)
    known["GOAL"] = _element("Id", goal)
    gift = _run(gift_lines.removeprefix("GOAL=...\n"), live_server.url, known)
    Giver().pay(_element("ProviderURL", gift))

    asked_again = _run(f'curl -sS {ADDRESS}/api/SavingGoal/$GOAL -H "Authorization: Bearer $KEY"', live_server.url, known)
    assert _element("CurrentAmount", asked_again) == "20.00"
    assert "its `CurrentAmount` is 20.00" in re.sub(r"\s+", " ", README.read_text())


def _run(lines: str, server: str, known: dict[str, str]) -> str:
    assert ADDRESS in lines
    environment = os.environ | known | {"NO_PROXY": "*", "no_proxy": "*"}
    script = f"set -euo pipefail\n{lines.replace(ADDRESS, server)}"
    command = ["bash", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _element(name: str, text: str) -> str:
    found = re.search(rf"<{name}>([^<]+)</{name}>", text)
    assert found, text
    return found[1]
