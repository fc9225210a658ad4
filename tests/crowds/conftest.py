"""The service as processes, as production runs it, for crowds that come over HTTP."""

import json
from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.crashes.processes import Service, new_service
from tests.crowds.visitors import Shop


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running server, without a worker."""
    with new_service(tmp_path_factory.mktemp("crowd"), settings.DATABASE_URL) as service:
        service.start_server()
        yield service


@pytest.fixture(scope="session")
def crowded_shop(service: Service) -> Shop:
    """A partner that everybody comes to."""
    return Shop(service.base_url, service.new_partner("Crowded Shop"))


def finish_everything(service: Service) -> None:
    """Let a worker deliver the simulator's own reports and ask about everything that is open."""
    work = service.manage("work", "--once")
    assert work.returncode == 0, work.stderr


def what_is_wrong_with_the_books(service: Service) -> list[str]:
    """What `audit` finds, what differs from the simulator's own books, and every crash in the log.

    To be asked when nobody uses the service any more.
    """
    nobody_was_told_anything = json.dumps({"goals": [], "gifts": [], "faults": []})
    proven = service.python("-m", "tests.crashes.proof", stdin=nobody_was_told_anything)
    assert proven.returncode == 0, proven.stderr
    audit = service.manage("audit")
    found = [] if audit.returncode == 0 else audit.stdout.splitlines()
    found += [f"{kind}: {what}" for kind, what in json.loads(proven.stdout)["faults"]]
    return found + [line for line in service.log.read_text(encoding="utf-8").splitlines() if "traceback" in line.lower()]
