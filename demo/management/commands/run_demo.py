"""run_demo [--port PORT] [--log-dir FOLDER]"""

import os
import signal
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection, connections

from demo import serving


class Command(BaseCommand):
    help = "Starts the service with its simulator, a worker and a demo shop, and prints the address to open. Also: make run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where to listen on 127.0.0.1; 8000 if left out")
        parser.add_argument(
            "--log-dir", type=Path, default=settings.LOCAL_DATA_DIR, help="where log files go; var/ if left out"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = _stop_when_told()
        port, log_dir = options["port"], options["log_dir"]
        _check_can_start(port)
        environment = {"PUBLIC_BASE_URL": f"http://{serving.HOST}:{port}"} | os.environ
        log_dir.mkdir(parents=True, exist_ok=True)
        logs = {name: log_dir / f"{name}.log" for name in ("server", "worker")}
        self.stdout.write(f"Whipround starts on port {port}. Data: {_database()}. Logs: {_shown(*logs.values())}.")
        self.stdout.flush()
        _migrate()
        processes = {}
        try:
            processes["server"] = serving.start_server(port, environment, logs["server"])
            processes["worker"] = serving.start_worker(environment, logs["worker"])
            self._announce(port, processes["server"], environment["PUBLIC_BASE_URL"].strip().rstrip("/"), stop)
            while not stop.wait(0.2):
                for name, process in processes.items():
                    if process.poll() is not None:
                        raise CommandError(_obituary(f"The {name} has ended with status {process.returncode}", logs[name]))
        except serving.DidNotStart as error:
            raise CommandError(_obituary(f"Whipround did not start: {error}", logs["server"])) from None
        finally:
            serving.stop(processes.values())

    def _announce(self, port: int, server: Any, address: str, stop: threading.Event) -> None:
        serving.wait_until_ready(port, server, address=address, given_up=stop.is_set)
        if stop.is_set():
            return
        status = serving.status_of("/demo/", port, address=address)  # the first look registers the shop and makes its goal
        if status != 200:
            here = f"http://{serving.HOST}:{port}/demo/"
            self.stderr.write(f"The demo shop is not well: its page answers {status}. {here} says why.")
        self.stdout.write(f"Ctrl-C stops it. To look at a gift being made, open:\n{address}/demo/")
        self.stdout.flush()


def _stop_when_told() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # under nohup it outlives its terminal
            signal.signal(number, lambda *_: stop.set())
    return stop


def _check_can_start(port: int) -> None:
    if not settings.SANDBOX:
        raise CommandError("The demo needs the simulator. Say: make run, or SANDBOX=1 python manage.py run_demo")
    if not 1 <= port <= 65535:
        raise CommandError(f"A port is a number from 1 to 65535, not {port}.")
    if not serving.is_free(port):
        raise CommandError(
            f"Port {port} cannot be listened on: another program has it, or it is below 1024 and needs rights. "
            f"Stop that program or take another port: make run PORT={port + 1 if port < 65535 else 8000}"
        )


def _migrate() -> None:
    try:
        call_command("migrate", verbosity=0)
    except OperationalError as error:
        raise CommandError(f"The database cannot be used: {error}".strip() + "\nDATABASE_URL says where it is.") from None
    finally:
        connections.close_all()


def _database() -> str:
    name = str(connection.settings_dict["NAME"])
    return _shown(Path(name)) if connection.vendor == "sqlite" else f"{connection.display_name} database {name}"


def _shown(*paths: Path) -> str:
    """Paths as they are typed from here."""
    return ", ".join(os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path) for path in paths)


def _obituary(what: str, log: Path) -> str:
    return f"{what}. The last lines of {_shown(log)}:\n{serving.end_of(log)}"
