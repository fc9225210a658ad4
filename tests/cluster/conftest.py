"""The service by its production command, before PgBouncer and two PostgreSQL servers."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.cluster.servers import MISSING, Cluster, new_cluster
from tests.crashes.processes import PRODUCTION, Service

SERVED = re.compile(r'^whipround_replica_reads_total\{outcome="(\w+)"\} ([0-9.e+]+)', re.MULTILINE)


class ClusteredService(Service):
    """Writes through the pooler, reads at the standby."""

    def __init__(self, cluster: Cluster, folder: Path, flavour: tuple[str, list[str]] = PRODUCTION) -> None:
        super().__init__(cluster.pooler.url, folder, flavour)
        self.environment |= {"DATABASE_POOLER": "transaction", "DATABASE_REPLICA_URL": cluster.standby.url}
        self.environment |= {"PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"), "RATE_LIMIT_STORE": str(folder / "limits")}
        migrated = self.manage("migrate", "--verbosity", "0")
        if migrated.returncode:
            raise RuntimeError(migrated.stderr)

    def reads(self) -> Counter[str]:
        """How many reads the replica could have answered, by what came of each."""
        told = requests.get(f"{self.base_url}/metrics", timeout=60).text
        return Counter({outcome: int(float(number)) for outcome, number in SERVED.findall(told)})


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    if MISSING:
        pytest.skip(f"needs Debian's packages: {', '.join(MISSING)} is not there")
    with new_cluster() as cluster:
        yield cluster
