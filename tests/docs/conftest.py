from typing import NoReturn

import pytest

from providers.kit.transport import NoAnswer
from providers.sandbox import webhooks
from tests.demo.conftest import _a_better_live_server, live_server  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def _nobody_listens_at_the_address_that_the_guides_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulator's webhooks wait for another round, and no test asks the network who give.example.org is."""

    def no_answer(*_: object) -> NoReturn:
        raise NoAnswer("nobody listens in this test")

    monkeypatch.setattr(webhooks, "_post", no_answer)
