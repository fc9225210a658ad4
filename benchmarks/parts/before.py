"""The service as it is against the service as it was at targets.BEFORE, each on a database of its own, in turn."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import load, servers
from benchmarks.load import Load
from benchmarks.measured import Measured
from benchmarks.parts.settlement import returns, shares
from benchmarks.parts.writes import posts
from benchmarks.processor_time import Metered, compared, metered
from benchmarks.servers import ROOT, Server
from benchmarks.stage import Effort, Kind, Stage, interleaved, stage
from benchmarks.targets import BEFORE

TITLES = {
    "poll": ("poll 200", "requests/s"),
    "304": ("304", "requests/s"),
    "post": ("POST gift", "gifts/s"),
    "return": ("return, spread over goals", "returns/s"),
}


def measure(kind: Kind, effort: Effort) -> list[Measured]:
    order = {"partners": 10, "goals": 10, "settled": 1000, "approved": effort.few * (effort.rounds + 1)}
    samples: dict[str, Callable[[], Metered]] = {}
    with ExitStack() as stack:
        for when, root in (("now", ROOT), ("before", stack.enter_context(checkout_of(BEFORE)))):
            there = stack.enter_context(stage(kind, root=root, **order))
            service = stack.enter_context(
                servers.service(there.environment(), there.folder, root, application=servers.WITHOUT_PROVIDER)
            )
            samples |= {f"{name} {when}": sample for name, sample in _samples(there, service, effort).items()}
        interleaved(1, samples)  # what is built once is built
        found = interleaved(effort.rounds, samples)
    lines = []
    for name, (title, unit) in TITLES.items():
        title, parts = f"{title}, now / before", ("now", f"at {BEFORE}", unit)
        lines += compared(f"before/{name}", title, kind.name, found[f"{name} now"], found[f"{name} before"], parts)
    return lines


def _samples(there: Stage, service: Server, effort: Effort) -> dict[str, Callable[[], Metered]]:
    gift = there.told["settled"][0]
    path, headers = f"/api/Contribution/{gift['id']}", there.headers(gift["partner"])
    known = headers | {"If-None-Match": '"2x"'}
    sends: dict[str, Callable[[], Load]] = {
        "poll": lambda: load.get(service.port, path, headers, effort.seconds),
        "304": lambda: load.get(service.port, path, known, effort.seconds, status=304),
        "post": posts(there, service.port, effort.seconds),
        "return": returns(service.port, shares(there.told["approved"], effort.few)),
    }
    return {name: metered(service, there.kind.data, send) for name, send in sends.items()}


@contextmanager
def checkout_of(commit: str) -> Iterator[Path]:
    """The project as it was then, with the benchmarks of today to fill its database. Raises RuntimeError."""
    with TemporaryDirectory(prefix="whipround-before-") as folder:
        root = Path(folder) / "whipround"
        _git("worktree", "add", "--quiet", "--detach", str(root), commit)
        try:
            shutil.copytree(ROOT / "benchmarks", root / "benchmarks", dirs_exist_ok=True)
            yield root
        finally:
            _git("worktree", "remove", "--force", str(root))


def _git(*arguments: str) -> None:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"git {arguments[0]}: {done.stderr.strip()}")
