"""A small database of the benchmark, of the configured one's kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from benchmarks.stage import Kind, Stage, stage

PARTNERS, GOALS, SETTLED, APPROVED = 2, 3, 13, 6


def kind() -> Kind:
    is_sqlite = settings.DATABASE_URL.startswith("sqlite")
    return Kind("SQLite", "sqlite:///") if is_sqlite else Kind("PostgreSQL", settings.DATABASE_URL)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCHMARK_FOLDER", str(Path(tmp_path_factory.mktemp("benchmark"))))
        with stage(kind(), partners=PARTNERS, goals=GOALS, settled=SETTLED, approved=APPROVED) as filled:
            yield filled
