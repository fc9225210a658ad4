"""What an operator changes of a partner that there is: its name, redirect hosts, fee, and at which providers it may be paid.

Each is done to the partner live and in test alike, so that tests are made under the rules that hold for money.
"""

from collections.abc import Callable
from decimal import Decimal

from django.db import IntegrityError, transaction

from partners import audit_log
from partners.models import Partner, RedirectHost
from partners.registration import BadPartner, check_name, host_of, told
from providers.errors import ProviderNotOffered


def rename(name: str, new_name: str) -> list[Partner]:
    """Call the partner otherwise: its RecordOwner, and what givers read. Raises BadPartner."""
    check_name(new_name)

    def change(partner: Partner) -> None:
        Partner.objects.filter(pk=partner.pk).update(name=new_name)

    try:
        return _change(name, "partner.renamed", change)
    except IntegrityError:
        raise BadPartner(f"there is a partner named {new_name!r} already") from None


def add_host(name: str, text: str) -> list[Partner]:
    """Let its addresses name this host too. Raises BadPartner."""
    host = host_of(text)

    def change(partner: Partner) -> None:
        RedirectHost.objects.get_or_create(partner=partner, host=host)

    return _change(name, "partner.redirect_host_added", change)


def remove_host(name: str, text: str) -> list[Partner]:
    """Let no new address name this host. Where it was the last one, every host may be named again. Raises BadPartner."""
    host = host_of(text)
    if not RedirectHost.objects.filter(partner__name=name, host=host).exists():
        raise BadPartner(f"{host} is not among the redirect hosts of {name!r}")

    def change(partner: Partner) -> None:
        RedirectHost.objects.filter(partner=partner, host=host).delete()

    return _change(name, "partner.redirect_host_removed", change)


def set_fee(name: str, *, percent: Decimal | None, fixed: Decimal | None) -> list[Partner]:
    """What the operator keeps of gifts that are made from now on; None: as the settings say. Raises BadPartner."""

    def change(partner: Partner) -> None:
        Partner.objects.filter(pk=partner.pk).update(fee_percent=percent, fee_fixed=fixed)

    return _change(name, "partner.fee_changed", change)


def switch_provider(name: str, provider: str, *, on: bool) -> list[Partner]:
    """Open checkouts at this provider for the partner, or open no new ones. Raises BadPartner."""

    def change(partner: Partner) -> None:
        off = set(partner.providers_off.split()) - {provider}
        names = sorted(off if on else off | {provider})
        Partner.objects.filter(pk=partner.pk).update(providers_off=" ".join(names))

    return _change(name, "partner.provider_on" if on else "partner.provider_off", change)


def check_provider_is_on(partner: Partner, provider: str) -> None:
    """Raises ProviderNotOffered."""
    if provider in partner.providers_off.split():
        raise ProviderNotOffered(f"{provider} is not offered to {partner.name} at the moment: the operator has turned it off.")


def _change(name: str, action: str, change: Callable[[Partner], None]) -> list[Partner]:
    """Change the partner in each mode and record what has become different; returns it as it is now, live before test."""
    with transaction.atomic():
        found = list(Partner.objects.select_for_update().filter(name=name).order_by("is_test"))
        if not found:
            raise BadPartner(f"there is no partner named {name!r}")
        for partner in found:
            before = told(partner)
            change(partner)
            partner.refresh_from_db()
            after = told(partner)
            different = [key for key in after if before[key] != after[key]]
            if different:
                was, now = ({key: said[key] for key in different} for said in (before, after))
                audit_log.record(action, partner.name, partner=partner, before=was, after=now)
    return found
