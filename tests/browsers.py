"""A browser for each process of a run: to start one takes seconds. Every file finds it as if it were new."""

from collections.abc import Iterator

import pytest

from tests.demo.visitors import HAS_CHROMIUM, Chromium, PlainHttp


@pytest.fixture(scope="session")
def _one_visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium | PlainHttp]:
    visitor = Chromium(tmp_path_factory.mktemp("profile")) if HAS_CHROMIUM else PlainHttp()
    yield visitor
    visitor.close()


@pytest.fixture(scope="module")
def browser(_one_visitor: Chromium | PlainHttp) -> Chromium | PlainHttp:
    """Chromium where it is installed, plain HTTP otherwise."""
    _one_visitor.starts_anew()
    return _one_visitor
