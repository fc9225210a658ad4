"""`make run`: the command behind it, as a process."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from demo import serving
from tests import migrated
from tests.demo.visitors import PlainHttp
from tests.eventually import killed_if_late

SECONDS = 60

pytestmark = pytest.mark.one_database  # each command gets a SQLite file of its own


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """A service of its own, whatever is configured here; its data and logs stay in `folder`."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PUBLIC_BASE_URL", "ALLOWED_HOSTS"}}
    return kept | {"SANDBOX": "1", "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}"} | changes


def migrate(folder: Path) -> None:
    """As the command does it, which then finds that nothing is left to do."""
    url = environment(folder)["DATABASE_URL"]
    migrated.fill(url, url)


def take_back_the_demos_migrations(folder: Path) -> None:
    """What the command then has to do; the story of tests/demo/test_story.py begins with no table at all."""
    with closing(sqlite3.connect(folder / "demo.sqlite3")) as database, database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'demo!_%' ESCAPE '!'")
        for (name,) in tables.fetchall():
            database.execute(f"DROP TABLE {name}")
        assert database.execute("DELETE FROM django_migrations WHERE app = 'demo'").rowcount


def command(folder: Path, port: int) -> list[str]:
    return [sys.executable, "manage.py", "run_demo", "--port", str(port), "--log-dir", str(folder / "logs")]


@contextmanager
def running(folder: Path, port: int, **changes: str) -> Iterator["subprocess.Popen[str]"]:
    """The command, with stdout as far as the address read already; ended, at the latest, with the block."""
    process = subprocess.Popen(
        command(folder, port),
        cwd=serving.ROOT,
        env=environment(folder, **changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            with killed_if_late(process):
                for line in process.stdout:
                    if line == changes.get("PUBLIC_BASE_URL", f"http://127.0.0.1:{port}") + "/demo/\n":
                        break
                else:
                    pytest.fail(f"no address was printed, but: {process.stderr.read() if process.stderr else ''}")
            yield process
        finally:
            process.terminate()


def said_after(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """What came on stdout after the address, and on stderr, once the command has ended."""
    assert process.stdout is not None
    assert process.stderr is not None
    with killed_if_late(process):
        said = process.stdout.read(), process.stderr.read()
    process.wait(SECONDS)
    return said


def refused(folder: Path, port: int, **changes: str) -> str:
    """What the command says when it cannot start."""
    done = subprocess.run(
        command(folder, port),
        cwd=serving.ROOT,
        env=environment(folder, **changes),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "http://127.0.0.1" not in done.stdout
    return done.stderr


@pytest.fixture
def visitor() -> Iterator[PlainHttp]:
    visitor = PlainHttp()
    yield visitor
    visitor.close()


def test_it_prints_the_address_last_and_keeps_its_data(tmp_path: Path, visitor: PlainHttp) -> None:
    """At another port, and first at another address, than is usual."""
    port = serving.free_port()
    migrate(tmp_path)
    take_back_the_demos_migrations(tmp_path)
    with running(tmp_path, port, PUBLIC_BASE_URL=f"http://localhost:{port}") as process:
        visitor.open(f"http://localhost:{port}/demo/")
        visitor.send(name="Uncle Bob", message="Ride well!", amount="20.00")
        visitor.send(outcome="approve")
        assert visitor.address.startswith(f"http://localhost:{port}/demo/thanks?Id=")
        assert "Thank you, Uncle Bob!" in visitor.text
        process.send_signal(signal.SIGINT)
        assert said_after(process) == ("", "")
        assert process.returncode == 0
    assert serving.is_free(port)
    with running(tmp_path, port) as process:
        visitor.open(f"http://127.0.0.1:{port}/demo/")
        assert "20.00 of 250.00 USD" in visitor.text
        assert "Ride well!" in visitor.text
        visitor.send(name="Aunt Eve", amount="1")
        visitor.send(outcome="approve")
        assert visitor.address.startswith(f"http://127.0.0.1:{port}/demo/thanks?Id=")
        process.send_signal(signal.SIGTERM)
        assert said_after(process) == ("", "")
        assert process.returncode == 0
    assert serving.is_free(port)
    assert (tmp_path / "logs" / "server.log").exists()


@pytest.mark.full  # it waits ten seconds for an address at which nobody is
def test_an_address_at_which_nobody_answers_is_complained_about(tmp_path: Path, visitor: PlainHttp) -> None:
    migrate(tmp_path)
    port = serving.free_port()
    with running(tmp_path, port, PUBLIC_BASE_URL=f"http://127.0.0.1:{serving.free_port()}") as process:
        visitor.open(f"http://127.0.0.1:{port}/demo/")
        assert "The shop is closed for a moment" in visitor.text
        process.terminate()
        _, complaints = said_after(process)
    assert f"its page answers 502. http://127.0.0.1:{port}/demo/ says why." in complaints


@pytest.mark.full  # three processes for each
@pytest.mark.parametrize("name", ["server", "worker"])
def test_when_one_process_dies_it_says_so_and_stops_the_other(tmp_path: Path, name: str) -> None:
    migrate(tmp_path)
    port, mark = serving.free_port(), {"server": "granian", "worker": "work"}[name]
    with running(tmp_path, port) as process:
        children = psutil.Process(process.pid).children()
        assert len(children) == 2
        (doomed,) = [child for child in children if mark in child.cmdline()]
        doomed.terminate()
        _, complaints = said_after(process)
        assert process.returncode == 1
        assert f"The {name} has ended with status" in complaints
        assert str(tmp_path / "logs" / f"{name}.log") in complaints
        assert not any(child.is_running() for child in children)
    assert serving.is_free(port)


@pytest.mark.parametrize(
    ("port", "changes", "words"),
    [
        (0, {}, ["A port is a number from 1 to 65535, not 0."]),
        (65536, {}, ["A port is a number from 1 to 65535, not 65536."]),
        (None, {"SANDBOX": "0"}, ["SANDBOX=1 python manage.py run_demo"]),
        (
            None,
            {"DATABASE_URL": "postgres://anna:sesame-open@127.0.0.1:1/gifts"},
            ["The database cannot be used", "DATABASE_URL says where it is"],
        ),
        (None, {"GRANIAN_LOG_LEVEL": "loud"}, ["the server ended with status", "Invalid value for '--log-level': 'loud'"]),
    ],
)
def test_what_keeps_it_from_starting_is_said(
    tmp_path: Path, port: int | None, changes: dict[str, str], words: list[str]
) -> None:
    migrate(tmp_path)
    said = refused(tmp_path, serving.free_port() if port is None else port, **changes)
    assert [word for word in words if word not in said] == []
    assert "sesame" not in said


def test_a_port_that_is_taken_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(tmp_path, port)
    assert f"Port {port} cannot be listened on" in said
    assert "make run PORT=" in said
