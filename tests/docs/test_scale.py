"""docs/scale.md has the figures that benchmarks/scale_model.py calculates, and the files and settings that there are."""

import json
import re

import pytest

from benchmarks import scale_model
from benchmarks.scale_model import Assumptions, step
from tests.docs.examples import ROOT

pytestmark = pytest.mark.no_database

PAGE = (ROOT / "docs" / "scale.md").read_text()
FIGURES = ("where", "measured_table", "bytes_of_a_gift", "limits", "steps_table", "machines_table")


@pytest.mark.parametrize("name", FIGURES)
def test_the_page_has_what_the_model_prints(name):
    assert getattr(scale_model, name)() in PAGE


def test_a_figure_is_the_product_that_is_told():
    """By hand: 100 gifts a second of 10 ms and 2 polls of 5 ms each keep two processors busy."""
    gift, poll = ("gift_service_ms", "gift_primary_ms", "gift_standby_ms"), ("poll_service_ms", "poll_primary_ms")
    measured = dict.fromkeys(gift, 10.0) | dict.fromkeys(poll, 5.0)
    measured |= {"replica_poll_service_ms": 5.0, "replica_poll_primary_ms": 1.0, "replica_poll_standby_ms": 2.0}
    measured |= {"gift_wal_bytes": 20_000.0, "gift_disk_bytes": 10_000.0}
    given = Assumptions(polls_per_gift=2, peak=10, busy=0.5, service_cores=1, database_cores=1, provider_seconds=1)
    found = step(100, measured, given)
    assert (found.service_cores, found.primary_alone, found.primary_cores, found.replica_cores) == (2.0, 2.0, 1.2, 1.4)
    assert (found.wal_mb, found.waiting, found.service_machines, found.shards) == (2.0, 100.0, 4, 4)
    helped = step(35, measured, given)
    assert (helped.primary_alone, helped.shards) == (0.7, 1)  # half a processor is all that it may use
    assert found.terabytes == pytest.approx(10 * 10_000 * 31_536_000 / 1e12)


def test_the_assumptions_are_told():
    told = " ".join(PAGE.split())
    given = Assumptions()
    for words in (
        f"{given.polls_per_gift} polls, lists and pages of the feed for each gift",
        f"a commit takes {given.disk_ms:g} ms on a disk",
        f"waiting for {given.provider_seconds} s in a gift's life",
    ):
        assert words in told
    assert (given.busy, given.peak) == (0.5, 5.0)
    assert "half of its processors at the busiest second; that is five times the year's average" in told


def test_the_measured_figures_lie_within_their_spread():
    found = json.loads((ROOT / "benchmarks" / "scale_inputs.json").read_text())
    assert found["medians"].keys() == found["spread"].keys() == scale_model.MEASURED.keys()
    for name, (least, most) in found["spread"].items():
        assert 0 < least <= found["medians"][name] <= most, name


def test_the_settings_it_names_are_in_the_deployed_files():
    """What the page says of them, and that it is they that the cluster's tests start with: tests/cluster/servers.py."""
    pooler, server = ((ROOT / "deploy" / "cluster" / name).read_text() for name in ("pgbouncer.ini", "postgresql.conf"))
    assert re.search(r"^pool_mode = transaction$", pooler, re.MULTILINE)
    assert re.search(r"^query_wait_timeout = \d+$", pooler, re.MULTILINE)
    assert re.search(r"^synchronous_commit = on$", server, re.MULTILINE)
    assert "127.0.0.1:6432" in PAGE
    assert re.search(r"^listen_port = 6432$", pooler, re.MULTILINE)
