"""PayPal's own client (paypal-server-sdk) at the other end of the fake: a second opinion on what PayPal says.

It cannot share the service's environment (docs/decisions/0021), so it runs as a process of its own.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import fasteners

from tests.eventually import killed_if_late

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "official_client_requirements.txt"
ENVIRONMENT = HERE.parents[3] / "var" / "official-client"
SECONDS_TO_INSTALL = 300


class NotInstalled(Exception):
    """PayPal's client cannot be had here; the message says why."""


def python_of_the_client() -> str:
    """The interpreter that has PayPal's client; made the first time, and again when the pins change. Raises NotInstalled."""
    ENVIRONMENT.parent.mkdir(exist_ok=True)
    with fasteners.InterProcessLock(str(ENVIRONMENT) + ".lock"):
        python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "installed.txt"
        if stamp.is_file() and stamp.read_text() == REQUIREMENTS.read_text():
            return str(python)
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(REQUIREMENTS)],
        ):
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_TO_INSTALL, check=False)
            if done.returncode:
                raise NotInstalled(f"PayPal's client could not be installed: {done.stderr.strip()[-300:]}")
        stamp.write_text(REQUIREMENTS.read_text())
        return str(python)


class Driver:
    """The process in which PayPal's client runs. Raises NotInstalled."""

    def __init__(self) -> None:
        command = [python_of_the_client(), "-W", "error", str(HERE / "official_client_driver.py")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self) -> None:
        self._process.communicate(timeout=30)

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        with killed_if_late(self._process):
            line = self._process.stdout.readline()
        assert line, "PayPal's client died"
        return json.loads(line)


class OfficialClient:
    """`client.orders("capture_order", id=...)` -> the answer as the client's own classes have understood it."""

    def __init__(self, driver: Driver, base_url: str, client_id: str, client_secret: str) -> None:
        self._driver, self._account = driver, [base_url, client_id, client_secret]

    def orders(self, method: str, **arguments: Any) -> dict[str, Any]:
        return self._ask("orders", method, arguments)

    def payments(self, method: str, **arguments: Any) -> dict[str, Any]:
        return self._ask("payments", method, arguments)

    def vault(self, method: str, **arguments: Any) -> dict[str, Any]:
        """What is asked with an id alone is asked with no names."""
        return self._ask("vault", method, arguments["id"] if set(arguments) == {"id"} else arguments)

    def _ask(self, controller: str, method: str, arguments: dict[str, Any] | str) -> dict[str, Any]:
        asked = {"account": self._account, "controller": controller, "method": method}
        if isinstance(arguments, dict) and "model" in arguments:
            asked["model"] = arguments.pop("model")
        answer = self._driver.ask(asked | {"arguments": arguments})
        assert "error" not in answer, f"PayPal's client could not read the answer: {answer['error']}"
        return answer
