"""The worker's rounds, in a thread for each provider's servers: where one hangs, what is due at the others goes on.

What is due is told apart by providers.registry.host_of. No host has two threads of one worker: what becomes due while its
thread is at work has its turn in a later round.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import OperationalError, connections
from django.db.models import F, Q

from contributions import followers, giver_erasure, goal_events, matching, payees
from contributions.captures import mark_what_is_due
from contributions.models import Checkout, MatchDue, Refund
from contributions.worker import is_due, sync_each
from givers import due as standing_permissions
from givers.models import Permission
from goals.models import Payee
from providers import registry

log = logging.getLogger(__name__)

NO_HOST = ""
"""As registry.host_of has it: what no company's servers are asked about."""

_OF_REFUND = ("contribution__checkouts__adapter", "contribution__checkouts__account__provider")


@dataclass
class DueAt:
    """What is due at one host: conditions on the rows of each kind, any of which makes a row one of the host's."""

    payees: list[Q] = field(default_factory=list)
    permissions: list[Q] = field(default_factory=list)
    refunds: list[Q] = field(default_factory=list)
    checkouts: list[Q] = field(default_factory=list)
    matches: bool = False
    """Whether any matches are: of whatever gifts, since no host is asked for them."""

    def work(self, stopped: Callable[[], bool]) -> None:
        """As a round of sync_all_due, at this host alone."""
        if self.payees:
            payees.check_all_due(_any(self.payees), stopped)
        if self.permissions:
            standing_permissions.sync_all_due(_any(self.permissions), stopped)
        if self.refunds:
            sync_each(Refund.objects.filter(is_due() & _any(self.refunds)), stopped)
        if self.checkouts:
            sync_each(Checkout.objects.filter(is_due() & _any(self.checkouts)), stopped)
        if self.matches:
            matching.work_off_due(stopped)


def due_by_host() -> dict[str, DueAt]:
    """Each host with work that is due now; a statement for each kind of row, however many there are."""
    found: dict[str, DueAt] = defaultdict(DueAt)
    due_payees = Payee.objects.filter(is_due(), deleted_at=None).order_by()
    for provider, is_test in due_payees.values_list("provider", "partner__is_test").distinct():
        its = Q(provider=provider, partner__is_test=is_test)
        found[registry.host_to_open(provider, is_test=is_test)].payees.append(its)
    due_permissions = Permission.objects.filter(is_due()).order_by()
    for adapter, provider in due_permissions.values_list("adapter", "provider").distinct():
        found[_host_of(adapter, provider)].permissions.append(Q(adapter=adapter, provider=provider))
    # In one condition with what follows, so that it is the checkout of the refund, and no other one of the gift.
    of_its_checkout = Q(contribution__checkouts__number=F("checkout_number"))
    for adapter, provider in Refund.objects.filter(is_due() & of_its_checkout).order_by().values_list(*_OF_REFUND).distinct():
        its = of_its_checkout & Q(**dict(zip(_OF_REFUND, (adapter, provider), strict=True)))
        found[_host_of(adapter, provider)].refunds.append(its)
    due_checkouts = Checkout.objects.filter(is_due()).order_by()
    for adapter, provider in due_checkouts.values_list("adapter", "account__provider").distinct():
        found[_host_of(adapter, provider)].checkouts.append(Q(adapter=adapter, account__provider=provider))
    if MatchDue.objects.filter(is_due()).exists():
        found[NO_HOST].matches = True
    return found


class Rounds:
    """The rounds of one worker. Once `stopped` says so, nothing further is begun."""

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self._stopped = stopped
        self._threads: dict[str, threading.Thread] = {}
        self._failures: list[Exception] = []

    def begin(self) -> None:
        """Begin with what is due at every host that has no thread at work, and wait for none of them.

        Raises what has ended a thread, if it was not the database that did not answer.
        """
        mark_what_is_due()
        for host, due in due_by_host().items():
            if host not in self._threads or not self._threads[host].is_alive():
                self._threads[host] = threading.Thread(target=self._run, args=[due], name=f"sync {host}")
                self._threads[host].start()
        goal_events.tell_what_has_ended()
        giver_erasure.go_on_with_all(self._stopped)
        followers.work_off(self._stopped)
        if self._failures:
            raise self._failures.pop()

    def join(self) -> None:
        """Wait until every thread has done what it had begun."""
        for thread in self._threads.values():
            thread.join()

    def _run(self, due: DueAt) -> None:
        try:
            due.work(self._stopped)
        except OperationalError:
            log.exception("the database did not answer; trying again")
        except Exception as failure:  # noqa: BLE001 - it is the worker's end, which is in another thread
            self._failures.append(failure)
        finally:
            connections.close_all()


def _any(conditions: list[Q]) -> Q:
    found = conditions[0]
    for condition in conditions[1:]:
        found |= condition
    return found


def _host_of(adapter: str, provider: str | None) -> str:
    return registry.host_of(adapter, provider or "") if adapter else NO_HOST
