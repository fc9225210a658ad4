"""The client."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from whipround.accounts import PaymentAccounts
from whipround.certificates import GiftCertificates
from whipround.connection import CONNECT_SECONDS, DEADLINE_SECONDS, READ_SECONDS, Connection
from whipround.contributions import Contributions
from whipround.events import Events, Webhooks
from whipround.givers import Givers
from whipround.goals import Goals
from whipround.matchers import Matchers
from whipround.pledges import Pledges


class Client(Goals, Contributions, Givers, Pledges, GiftCertificates, Matchers, PaymentAccounts, Events, Webhooks):
    """Speaks for one partner. Every method may raise Problem, ServiceUnreachable and UnexpectedAnswer.

    with whipround.Client("https://give.example.org", key) as client:
        ...

    One client a thread: it keeps a connection open.
    """

    def __init__(
        self,
        address: str,
        api_key: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        deadline_seconds: float = DEADLINE_SECONDS,
        strict: bool = False,
        on_notice: Callable[[str], None] | None = None,
    ) -> None:
        """`address`: where the service is, without /api. `deadline_seconds`: how long a call goes on trying, at most.

        `on_notice` is told each repair that the service made to what was sent; `strict` has it refuse instead.
        """
        self.connection = Connection(
            address,
            api_key,
            connect_seconds=connect_seconds,
            read_seconds=read_seconds,
            deadline_seconds=deadline_seconds,
            strict=strict,
            on_notice=on_notice,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()
