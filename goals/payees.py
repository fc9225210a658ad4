"""Payees: kept once for a partner, used by many of its goals. The database only; who asks providers is contributions/payees.py.

Locks: a payee's row first, then the accounts of goals. A goal's edit does the same (rules.py).
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.crypto import salted_hmac

import clock
import encryption
from bigint import bigint
from goals.models import Payee, PaymentAccount
from ownership import row_key
from partners import audit_log
from partners.models import Partner
from partners.tags import by_public_id
from providers.payees import PayeeStanding, PayeeState

USABLE = frozenset({PayeeState.UNCHECKED, PayeeState.READY})
"""Who can be paid, as far as anybody knows."""


class StalePayee(Exception):
    """The payee has changed since the client read it."""


class PayeeInUse(Exception):
    """Goals are still paid to it."""


def create(partner: Partner, provider: str, credentials: str, *, public_id: str) -> Payee:
    """Store a new payee; the one that is there already where the id was used before. Without credentials: to be onboarded."""
    state = PayeeState.UNCHECKED if credentials else PayeeState.ONBOARDING_NEEDED
    columns = {
        "provider": provider,
        "state": state,
        "created_at": clock.now(),
        **_kept(provider, credentials),
    }
    with transaction.atomic():
        payee, is_new = Payee.objects.get_or_create(public_id=public_id, partner=partner, defaults=columns)
        if is_new:
            audit_log.record("payment_account.made", payee.public_id, partner=partner, after=_told(payee))
    return payee


def edit(payee: Payee, credentials: str | None, *, is_partial: bool = False, activity: int | None = None) -> Payee:
    """Change the payee as it was read; its version rises by one, unless a partial change changes nothing.

    New credentials hold for all goals that are paid to it; None keeps those that it has.

    `activity`: If-Match stands for the state too, so that must not have moved either. Raises StalePayee.
    """
    with transaction.atomic():
        unchanged = Payee.objects.filter(**row_key(payee), version=payee.version, deleted_at=None)
        if activity is not None:
            unchanged = unchanged.filter(activity=activity)
        is_new = credentials is not None and credentials != payee.readable_credentials
        counts = is_new or not is_partial
        if not (unchanged.update(version=F("version") + bigint(1)) if counts else unchanged.exists()):
            raise StalePayee
        payee.refresh_from_db()
        if credentials is not None and is_new:
            columns = {"state": PayeeState.UNCHECKED, "state_reason": "", "request_id": "", "due_at": clock.now()}
            _replace_credentials(payee, credentials, **columns)
    return payee


def delete(payee: Payee, *, activity: int | None = None) -> None:
    """Nobody can be paid by it any more. Raises PayeeInUse, StalePayee."""
    with transaction.atomic():
        row = Payee.objects.select_for_update().get(**row_key(payee))
        if activity is not None and (row.version, row.activity) != (payee.version, activity):
            raise StalePayee
        goals = live_accounts_of(row).filter(goal__certificates_of=None).count()
        if goals:
            raise PayeeInUse(f"Goals that are paid to it: {goals}. Give these another payee first, or delete them.")
        deleted = Payee.objects.filter(**row_key(payee), deleted_at=None).update(deleted_at=clock.now(), due_at=None)
        if deleted:
            PaymentAccount.objects.filter(payee=row, retired_at=None).update(retired_at=clock.now())  # of certificates
            audit_log.record("payment_account.deleted", row.public_id, partner_id=row.partner_id, before=_told(row))


def record(payee: Payee, standing: PayeeStanding) -> bool:
    """Write down what the provider said of the payee as it was read; whether the state has moved.

    What was said of credentials that are not the payee's any more is let go.
    """
    with transaction.atomic():
        row = Payee.objects.select_for_update().get(**row_key(payee))
        if row.deleted_at or row.credentials_encrypted != payee.credentials_encrypted:
            payee.refresh_from_db()
            return False
        moved = (row.state, row.state_reason) != (standing.state, standing.reason)
        columns = {"state": standing.state, "state_reason": standing.reason, "checked_at": clock.now()}
        if standing.credentials and not row.credentials_encrypted:
            _replace_credentials(row, standing.credentials, request_id="")
            moved = True
        Payee.objects.filter(**row_key(row)).update(**columns)
        if moved:
            Payee.objects.filter(**row_key(row)).update(activity=F("activity") + bigint(1))
    payee.refresh_from_db()
    return moved


def take_credentials(payee: Payee, credentials: str) -> None:
    """The provider has made an account for a payee who had none; it is not onboarded yet."""
    with transaction.atomic():
        row = Payee.objects.select_for_update().get(**row_key(payee))
        if not row.credentials_encrypted and not row.deleted_at:
            _replace_credentials(row, credentials, request_id="", activity=row.activity + 1)
    payee.refresh_from_db()


def live_accounts_of(payee: Payee) -> QuerySet[PaymentAccount]:
    """Accounts of goals that are paid to it now."""
    return payee.accounts.filter(retired_at=None, goal__deleted_at=None)


def lookup_of(provider: str, credentials: str) -> str:
    """The digest by which credentials are found that nobody can read in the database."""
    return salted_hmac("goals.payees", f"{provider}\0{credentials}", algorithm="sha256").hexdigest() if credentials else ""


def found_by(providers: Iterable[str], *, is_test: bool, credentials: str = "", public_id: str = "") -> list[Payee]:
    """The payees whom a webhook of a provider's live or test account may mean: several partners may pay the same one."""
    names = list(providers)
    named = Q(**by_public_id(public_id)) if public_id else Q(pk=None)
    if credentials:
        named |= Q(lookup__in=[lookup_of(name, credentials) for name in names])
    found = Payee.objects.select_related("partner").filter(named, provider__in=names, deleted_at=None)
    return list(found.filter(partner__is_test=is_test).order_by("pk"))


def _kept(provider: str, credentials: str) -> dict[str, str]:
    encrypted = encryption.encrypt(credentials) if credentials else ""
    return {"credentials_encrypted": encrypted, "lookup": lookup_of(provider, credentials)}


def _replace_credentials(payee: Payee, credentials: str, **columns: object) -> None:
    """For the payee and for all goals that are paid to it; gifts under way keep the accounts that they were made for."""
    before = _told(payee)
    Payee.objects.filter(**row_key(payee)).update(**_kept(payee.provider, credentials), **columns)
    payee.refresh_from_db()
    action, after = "payment_account.credentials_changed", _told(payee)
    audit_log.record(action, payee.public_id, partner_id=payee.partner_id, before=before, after=after)
    for account in list(payee.accounts.filter(retired_at=None).order_by("pk")):
        if PaymentAccount.objects.filter(**row_key(account), retired_at=None).update(retired_at=clock.now()):
            PaymentAccount.objects.create(
                goal_id=account.goal_id,
                provider=account.provider,
                payee=payee,
                credentials_encrypted=payee.credentials_encrypted,
            )


def _told(payee: Payee) -> dict[str, str]:
    """The payee as the audit log tells of it."""
    return {"provider": payee.provider, "credentials": audit_log.fingerprint(payee.readable_credentials)}
