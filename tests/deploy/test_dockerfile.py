"""What deploy/Dockerfile says, done without Docker: its files are there, its commands run, its image holds no secret."""

import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

from config import settings as our_settings
from tests import migrated
from tests.api.serving import started
from tests.config.starting import ROOT, environment_with, run
from tests.eventually import SECONDS

pytestmark = pytest.mark.no_database

FILE = ROOT / "deploy" / "Dockerfile"


def instructions():
    """[(instruction, the rest)] without remarks, lines that go on joined."""
    text = re.sub(r"^#.*\n", "", FILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def of(name):
    return [rest for instruction, rest in instructions() if instruction == name]


def ignored():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def is_ignored(path):
    """As Docker matches it: a pattern holds for everything below what it names; `**/` for any folder."""
    parts = path.split("/")
    starts = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    return any(_fits(start, pattern) for start in starts for pattern in ignored())


def _fits(path, pattern):
    if pattern.startswith("**/"):
        return fnmatch.fnmatchcase(path.rpartition("/")[2], pattern.removeprefix("**/"))
    return path.count("/") == pattern.count("/") and fnmatch.fnmatchcase(path, pattern)


def context():
    """What `COPY . .` copies of what git keeps."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS)
    if listed.returncode:
        pytest.skip("this is no checkout of git, which tells what belongs to it")
    return [path for path in listed.stdout.splitlines() if not is_ignored(path)]


def test_no_secret_and_no_local_data_comes_into_the_image():
    for path in (
        "deploy/settings.env",
        ".env",
        "deploy/.env",
        "var/whipround.sqlite3",
        ".git/config",
        "x.sqlite3-wal",
        "a.dump",
    ):
        assert is_ignored(path), path
    kept = context()
    assert {"manage.py", "config/serve.py", "docs/guide/index.md", "CHANGELOG.md", "deploy/backup.sh"} <= set(kept)
    assert [path for path in kept if path.startswith("tests/")] == []


def test_it_runs_without_rights_and_refuses_laptop_settings():
    assert of("USER") == ["whipround"]
    [added] = [line for line in of("RUN") if line.startswith("useradd")]
    assert "--uid 10001" in added
    order = [instruction for instruction, _ in instructions()]
    assert order.index("USER") > len(order) - 1 - order[::-1].index("COPY")
    assert "DEBUG=0" in " ".join(of("ENV"))
    done = run("manage.py", "check", DEBUG="0")
    assert done.returncode == 2
    assert "SECRET_KEY" in done.stderr


def test_pg_dump_is_not_older_than_the_database():
    """Debian 12 has PostgreSQL 15; pg_dump refuses a newer server."""
    assert {image.split()[0] for image in of("FROM")} == {"python:3.12-slim-bookworm"}
    assert "image: postgres:15-bookworm" in (ROOT / "deploy" / "compose.yaml").read_text()
    assert any("postgresql-client" in line for line in of("RUN"))


def test_what_is_installed_is_what_the_tests_ran_on():
    [install] = [line for line in of("RUN") if "pip install" in line]
    assert shlex.split(install)[-3:] == ["--require-hashes", "-r", "requirements.txt"]
    python = re.search(r"python:(\d+\.\d+)", of("FROM")[0])[1]
    assert tuple(map(int, python.split("."))) >= (3, 11)


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The folder that the image has, as the Dockerfile copies it, with the packages that are installed here."""
    folder = tmp_path_factory.mktemp("image")
    for path in context():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target)
    (folder / ".venv" / "bin").mkdir(parents=True)
    python = folder / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return folder


@pytest.mark.full  # it builds the guide's site, as docs/test_site.py does
def test_the_steps_of_the_build_run(image):
    for command in [line for line in of("RUN") if line.startswith(".venv/bin/python") and "pip" not in line]:
        done = subprocess.run(
            shlex.split(command),
            cwd=image,
            env=environment_with(),
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    assert (image / "var" / "site" / "docs" / "index.html").exists()


def test_every_app_is_compiled_in_the_image():
    compiled = next(line for line in of("RUN") if "compileall" in line).split()
    rooms = set(compiled[compiled.index("-q") + 1 :])
    apps = {app.split(".")[0] for app in our_settings.INSTALLED_APPS} | {"config"}
    assert {room for room in apps if (ROOT / room).is_dir()} - rooms <= {"demo", "rehearsals"}


def test_every_folder_that_is_needed_is_in_the_image(image):
    """The service itself, from what was copied: no test, and nothing that the build leaves out, is needed to start."""
    url = f"sqlite:///{image}/x.sqlite3"
    migrated.fill(url, url)
    environment = environment_with(DATABASE_URL=url, PYTHONPATH="")
    for command in (["manage.py", "migrate", "--verbosity", "0"], ["manage.py", "ready"], ["manage.py", "audit"]):
        done = subprocess.run(
            [sys.executable, *command], cwd=image, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def test_its_health_is_what_readyz_says(tmp_path):
    """HEALTHCHECK and CMD as they stand there, but for the port."""
    [health] = of("HEALTHCHECK")
    check = json.loads(health.partition("CMD ")[2])
    assert check == ["python", "-m", "config.healthcheck"]
    assert float(re.search(r"--timeout=(\d+)s", health)[1]) > 5
    [start] = [json.loads(line) for line in of("CMD")]
    arguments = ["PORT" if one == "8000" else one for one in start[1:]]
    assert arguments[:2] == ["-m", "config.serve"]
    empty = f"sqlite:///{tmp_path}/x.sqlite3"
    with started(tmp_path, arguments[1:], empty) as server:
        done = run(*check[1:], str(server.port))
        assert (done.returncode, done.stdout) == (1, "migrations are waiting: run manage.py migrate\n")
        migrated.fill(empty, empty)
        done = run(*check[1:], str(server.port))
        assert (done.returncode, done.stdout) == (0, "ready\n")
        port = server.port
    done = run(*check[1:], str(port))
    assert (done.returncode, done.stderr.startswith("nobody answers")) == (1, True)


@contextmanager
def _answering(status, text):
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join(SECONDS)


def test_who_is_not_ready_is_not_healthy():
    with _answering(503, b"the disk is full\n") as port:
        done = run("-m", "config.healthcheck", str(port))
    assert (done.returncode, done.stdout) == (1, "the disk is full\n")


@pytest.mark.skipif(shutil.which("docker") is None, reason="docker is not installed")
def test_docker_itself_builds_it():
    """Where there is a daemon and it can reach the image that ours is made from."""
    alive = subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=SECONDS)
    if alive.returncode:
        pytest.skip("no Docker daemon answers")
    command = ["docker", "build", "--check", "--file", str(FILE), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    if "unknown flag" in done.stderr:
        pytest.skip("this Docker knows no `build --check`")
    assert done.returncode == 0, done.stdout + done.stderr
