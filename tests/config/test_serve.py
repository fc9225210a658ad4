"""The documented start command: it takes its port for itself, and ends in a sentence where it cannot start."""

import re
import shlex
import socket
import subprocess
import sys
import threading

import pytest

from config import port
from tests.api.serving import free_port, started
from tests.config.starting import ROOT, environment_with
from tests.eventually import SECONDS, join

pytestmark = [pytest.mark.no_database, pytest.mark.skipif(sys.platform != "linux", reason="as Linux shares ports")]

[COMMAND] = re.findall(r"^python -m config\.serve .+$", (ROOT / "docs" / "operators.md").read_text(), re.MULTILINE)


def start_again(number, *, command=COMMAND, **environment):
    arguments = shlex.split(command)[1:]
    arguments[arguments.index("--port") + 1] = str(number)
    wanted = {"cwd": ROOT, "env": environment_with(**environment), "capture_output": True, "text": True, "check": False}
    return subprocess.run([sys.executable, *arguments], timeout=SECONDS, **wanted)


def database(folder):
    return f"sqlite:///{folder}/x.sqlite3"


def test_the_documented_command_started_twice_refuses(tmp_path):
    """Also by another address of the same port; and the first goes on answering."""
    arguments = ["PORT" if one == "8000" else one for one in shlex.split(COMMAND)[2:]]
    with started(tmp_path, arguments, database(tmp_path)) as server:
        for host in ("127.0.0.1", "0.0.0.0"):  # noqa: S104 - a port that is taken
            second = start_again(server.port, command=COMMAND.replace("127.0.0.1", host), DATABASE_URL=database(tmp_path))
            assert (second.returncode, second.stdout) == (2, "")
            assert second.stderr.startswith(f"Port {server.port} of {host} cannot be listened on: another program has it")
            assert len(second.stderr.splitlines()) == 1
        assert {server.ask("GET", "/healthz")[0] for _ in range(20)} == {200}
    assert port.take("127.0.0.1", server.port).close() is None


def test_two_that_start_at_the_same_moment_are_not_both_let_in():
    """Neither listens yet, so only the holding tells."""
    number, held, refused, go = free_port(), [], [], threading.Barrier(8)

    def start():
        go.wait(SECONDS)
        try:
            held.append(port.take("127.0.0.1", number))
        except port.PortTaken as error:
            refused.append(str(error))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    join(*threads)
    assert (len(held), len(refused)) == (1, 7)
    held[0].close()


def test_who_shares_the_port_may_join_the_one_who_took_it():
    """As Granian's workers do, with SO_REUSEPORT; requests come to them and never to the holder."""
    number = free_port()
    with port.take("127.0.0.1", number), socket.socket() as worker:
        worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        worker.bind(("127.0.0.1", number))
        worker.listen()
        for _ in range(10):
            with socket.create_connection(("127.0.0.1", number), 5):
                worker.accept()[0].close()


def test_other_reasons_have_sentences_of_their_own(tmp_path):
    for host, number, why in (("192.0.2.1", 8000, "no such address"), ("no such host", 8000, "is no address of this machine")):
        with pytest.raises(port.PortTaken, match=why):
            port.take(host, number)
    path = str(tmp_path / "s")
    port.take_path(path)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        port.take_path(path)  # left behind by one that has ended
        other.listen()
        with pytest.raises(port.PortTaken, match="another program has it"):
            port.take_path(path)


def test_settings_stop_the_server_with_a_sentence_too(tmp_path):
    stopped = start_again(free_port(), DEBUG="0", CHECKOUT_EXPIRY_HOURS="0", DATABASE_URL=database(tmp_path))
    assert (stopped.returncode, stopped.stdout) == (2, "")
    assert "Traceback" not in stopped.stderr
    assert "Set SECRET_KEY to a long random text of your own" in stopped.stderr
