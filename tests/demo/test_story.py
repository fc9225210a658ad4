"""`make demo`: the story, as a process and against a service that is not as it should be."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from contributions.models import Contribution
from demo import serving, story
from partners.models import Partner
from tests.conftest import register


def work_once() -> str:
    out = io.StringIO()
    call_command("work", "--once", stdout=out)
    return out.getvalue()


def told(site: str, **changes: Any) -> str:
    out = io.StringIO()
    story.tell(site, register(f"Shop {Partner.objects.count()}").api_key, **{"work_once": work_once, "out": out} | changes)
    return out.getvalue()


def test_the_story_shows_each_request_and_its_answer(site: str) -> None:
    text = told(site)
    assert text.count("> POST /api/SavingGoal/") == 5
    assert "> Authorization: Bearer wr_...\n" in text
    assert "< 201 Created\n" in text
    assert "> outcome=approve\n" in text
    assert '<   "Status": "Settled",\n' in text
    assert '>   "UsePermission": true\n' in text
    assert '<   "StatusReason": "instrument_declined",\n' in text
    assert '<   "code": "invalid_body",\n' in text
    assert '<   "CurrentAmount": "40.00",\n' in text
    assert re.findall(r"wr_\w+", text) == [], "no key is printed"


def test_a_story_that_comes_out_otherwise_breaks_off(site: str) -> None:
    with pytest.raises(story.NotAsExpected, match="after the worker's round is 'Pending'; it should be 'Settled'"):
        told(site, work_once=lambda: "did nothing")

    def work_and_lose_money() -> str:
        done = work_once()
        goal = Contribution.objects.latest("pk").goal
        goal.collected_minor -= 1
        goal.save()
        return done

    with pytest.raises(story.NotAsExpected, match=r"CurrentAmount is '39\.99'; it should be '40\.00'"):
        told(site, work_once=work_and_lose_money)


def run(tmp_path: Path, **changes: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"TMPDIR": str(tmp_path)} | changes
    return subprocess.run(
        [sys.executable, "-m", "demo.story"],
        cwd=serving.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.full  # test_run_demo.py starts the same processes in the same way
@pytest.mark.one_database  # it brings its own
def test_it_starts_its_own_service_and_leaves_nothing_behind(tmp_path: Path) -> None:
    elsewhere = {"DATABASE_URL": f"sqlite:///{tmp_path / 'not-mine.sqlite3'}", "SANDBOX": "0", "PAYPAL_CLIENT_ID": "real"}
    done = run(tmp_path, **elsewhere)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.rstrip().endswith("That is the story.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.full
def test_a_service_that_does_not_start_is_told(tmp_path: Path) -> None:
    done = run(tmp_path, GRANIAN_LOG_LEVEL="loud")
    assert done.returncode == 1
    assert "The story broke off: the server ended with status" in done.stderr
    assert "Invalid value for '--log-level': 'loud'" in done.stderr
    assert list(tmp_path.iterdir()) == []
