"""/readyz of the service as it runs, on a disk that is full and with keys of another service."""

import resource
import sys
from pathlib import Path

import pytest
from django.conf import settings

from demo.serving import SERVER
from tests import migrated
from tests.api.serving import empty_database, started
from tests.eventually import eventually

COMMAND = [*SERVER[1:], "--workers", "1", "--host", "127.0.0.1", "--port", "PORT", "config.asgi:application"]

pytestmark = [
    pytest.mark.no_database,
    pytest.mark.skipif(sys.platform != "linux", reason="limits of other processes are Linux's"),
]


def readyz(server):
    status, _, body = server.ask("GET", "/readyz", Host="10.0.0.7")
    return status, body.decode()


def processes_of(parent):
    """The process and all that it has started."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [parent, *(one for child in children for one in processes_of(int(child)))]


@pytest.mark.full  # test_readiness.py asks the same without a socket
def test_keys_of_another_service_are_not_ready(tmp_path):
    with empty_database(tmp_path) as database_url:
        migrated.fill(settings.DATABASE_URL, database_url)
        with started(tmp_path, COMMAND, database_url, CREDENTIALS_KEYS="of-this-service") as server:
            assert readyz(server) == (200, "ready\n")
        with started(tmp_path, COMMAND, database_url, CREDENTIALS_KEYS="of-another-service") as server:
            assert readyz(server) == (503, "CREDENTIALS_KEYS cannot read what is in the database\n")
            assert server.ask("GET", "/healthz")[0] == 200


@pytest.mark.skipif("sqlite" not in settings.DATABASE_URL, reason="the disk is the database server's")
def test_a_disk_that_takes_no_more_is_not_ready(tmp_path):
    """RLIMIT_FSIZE: no file may grow, as on a full disk. When there is room again it is ready again."""
    with empty_database(tmp_path) as database_url:
        migrated.fill(settings.DATABASE_URL, database_url)
        with started(tmp_path, COMMAND, database_url) as server:
            assert readyz(server) == (200, "ready\n")
            for process in processes_of(server.pid):
                resource.prlimit(process, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
            eventually(lambda: readyz(server) == (503, "the disk is full\n"), lambda: readyz(server))
            for process in processes_of(server.pid):
                resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            eventually(lambda: readyz(server) == (200, "ready\n"), lambda: readyz(server))
