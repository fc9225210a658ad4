"""Short stories for mistakes that take two at the same statement, or a page: an AssertionError where one goes wrong."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from django.db import connection

import clock
from contributions.causes import Cause
from contributions.models import Checkout, Contribution
from contributions.sync import sync
from givers import people, permissions, pins
from givers.models import Giver, Permission
from partners import registration
from providers.base import Capability
from tests.conftest import Giver as Browser
from tests.conftest import PartnerClient
from tests.contributions.conftest import in_place_of_every_provider
from tests.givers.conftest import Ann, body
from tests.simulation import probes_of_certificates
from tests.troublesome_provider import ProcessDied, TroublesomeProvider


def _giver() -> Giver:
    partner = registration.register(f"Shop {Giver.objects.count()} {Permission.objects.count()}", is_test=True).partner
    return people.create(partner, {"external_id": "1"}, public_id=permissions.new_id())


def _active(giver: Giver, **columns: Any) -> Permission:
    return Permission.objects.create(
        public_id=permissions.new_id(),
        giver=giver,
        provider="PayPal",
        adapter="sandbox",
        currency="USD",
        maximum_minor=5000,
        request_id=permissions.new_id(),
        created_at=clock.now(),
        **columns,
    )


def _takes_the_same_rest() -> None:
    """Another process takes it between the question and the answer, if there is anything between them."""
    permission = _active(_giver(), state="Active", token_encrypted="x", total_minor=5000)
    taken, others = 0, []

    def beside(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('UPDATE "givers_permission"') and not others:
            others.append(True)
            others.append(_takes(permission))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(beside):
        taken = _takes(permission) + sum(others[1:])
    permission.refresh_from_db()
    assert taken * 4000 == permission.used_minor <= 5000, (taken, permission.used_minor)


def _takes(permission: Permission) -> int:
    try:
        permissions.reserve(permission, 4000)
    except permissions.NoRoom:
        return 0
    return 1


def _another_process_tries() -> None:
    """What a process keeps for itself is not there in the next one."""
    giver = pins.replace(_giver(), "4711", old=None)
    told = []
    for number in range(10):
        if number == 5:
            vars(pins).pop("_tried", None)
        try:
            pins.verify(giver, "0000")
        except (pins.PinWrong, pins.PinLocked) as refused:
            told.append(type(refused).__name__)
    vars(pins).pop("_tried", None)
    assert told == ["PinWrong"] * 4 + ["PinLocked"] * 6, told


def _a_made_up_address() -> None:
    giver = _giver()
    permission = _active(giver)
    permission = permissions.open_setup(permission)
    address = f"/providers/paypal/agreed/{permission.public_id}?token={permission.setup_id}&state=active"
    Browser().visit(address)
    permission.refresh_from_db()
    assert permission.state == "Requested", permission.state


def _with_trouble() -> tuple[Ann, TroublesomeProvider]:
    """A giver with a permission, at a provider that goes wrong to order. Only within in_place_of_every_provider."""
    shop = PartnerClient(registration.register(f"Shop {permissions.new_id()}", is_test=True).api_key)
    made = shop.post("/api/Givers", body("Giver", ExternalId="1"))
    ann = Ann(shop, Browser(), made.value("Id") or "", shop.new_goal())
    provider = TroublesomeProvider()
    provider.capabilities = frozenset({Capability.KEEPS_PERMISSIONS})
    return ann, provider


def _taken_back_while_a_charge_is_unknown() -> None:
    ann, provider = _with_trouble()
    with in_place_of_every_provider(provider):
        permission = ann.permission()
        provider.drops_the_call("charge")
        ann.post_gift()
        provider.drops_the_call("revoke")
        permissions.revoke(permission, "giver_revoked")
        sync(Contribution.objects.whole().latest("pk"), cause=Cause.WORKER)
    assert provider.calls["charge"] == 1, "its token was sent once more"


def _comes_while_a_charge_is_unknown() -> None:
    ann, provider = _with_trouble()
    with in_place_of_every_provider(provider):
        ann.permission()
        provider.crashes("charge", after=True)
        with suppress(ProcessDied):
            ann.post_gift()
        gift = Contribution.objects.whole().latest("pk")
        Checkout.objects.filter(contribution=gift).update(lease_until=clock.now())
        ann.browser.visit(gift.pay_url)
    assert provider.calls["open"] == 0, "another checkout was opened"


def _a_charge_is_refused() -> None:
    ann, provider = _with_trouble()
    with in_place_of_every_provider(provider):
        ann.permission()
        provider.refuses("charge")
        ann.post_gift()
    assert (provider.calls["charge"], provider.calls["open"]) == (1, 1), provider.calls


PROBES: Mapping[str, Callable[[], None]] = {
    "two take the same rest": _takes_the_same_rest,
    "another process tries a PIN": _another_process_tries,
    "a giver comes back with a made-up address": _a_made_up_address,
    "taken back while a charge is unknown": _taken_back_while_a_charge_is_unknown,
    "the giver comes while a charge is unknown": _comes_while_a_charge_is_unknown,
    "a charge is refused": _a_charge_is_refused,
    **probes_of_certificates.PROBES,
}
