"""All that is kept of a partner or of a giver's gifts, table by table, as one JSON document that is written as it is read.

A table says by which columns its rows belong to a partner and to a gift. A test holds that every table stands here, and that
no secret is in what is written: keys, what is encrypted, digests and leases are not columns of an export.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from contributions import kept_answers
from contributions.models import Contribution
from goals.models import Payee
from partners.models import Partner


@dataclass(frozen=True)
class Table:
    """The column that names the partner, and the one that names the gift; empty: they belong to none.

    `by_public_id`: it is the gift's Id that stands there. Where both columns are the same, a partner's rows are found by the
    Ids of all its gifts and payees.
    """

    of_partner: str
    of_gift: str = ""
    by_public_id: bool = False


TABLES = {
    "partners.Partner": Table("pk"),
    "partners.RedirectHost": Table("partner"),
    "partners.ApiKey": Table("partner"),
    "partners.AuditEntry": Table("partner", "about", by_public_id=True),
    "givers.Giver": Table("partner", "contributions"),
    "givers.Permission": Table("partner", "giver__contributions"),
    "goals.SavingGoal": Table("partner"),
    "goals.Payee": Table("partner"),
    "goals.PaymentAccount": Table("goal__partner"),
    "goals.Matcher": Table("partner"),
    "contributions.Contribution": Table("partner", "pk"),
    "contributions.Checkout": Table("contribution__partner", "contribution"),
    "contributions.StatusChange": Table("contribution__partner", "contribution"),
    "contributions.LedgerEntry": Table("contribution__partner", "contribution"),
    "contributions.Refund": Table("partner", "contribution"),
    "contributions.Dispute": Table("contribution__partner", "contribution"),
    "contributions.MatchedGift": Table("partner", "gift"),
    "contributions.MatchDue": Table("partner", "gift"),
    "contributions.ImportedLine": Table("partner", "about", by_public_id=True),
    "pledges.Pledge": Table("partner", "giver__contributions"),
    "pledges.PledgedGift": Table("partner", "contribution"),
    "pledges.Reminder": Table("partner", "pledge__giver__contributions"),
    "contributions.ProviderRequest": Table("contribution__partner", "contribution"),
    "contributions.Attention": Table("partner", "about", by_public_id=True),
    "certificates.GiftCertificate": Table("partner", "purchase"),
    "certificates.CertificateEntry": Table("partner", "contribution"),
    "notifications.Event": Table("partner", "about", by_public_id=True),
    "notifications.EventSequence": Table("partner"),
    "notifications.WebhookEndpoint": Table("partner"),
    "notifications.Delivery": Table("event__partner", "event__about", by_public_id=True),
    "notifications.DeliveryAttempt": Table("event__partner", "event__about", by_public_id=True),
    "api.IdempotencyKey": Table("partner"),
    "rehearsals.Rehearsal": Table("partner"),
    "sandbox.SandboxCheckout": Table("reference", "reference", by_public_id=True),
    "sandbox.SandboxRefund": Table("checkout__reference", "checkout__reference", by_public_id=True),
}
"""By the model's label, in the order in which they are written."""

OF_NOBODY = {
    "notifications.WebhookSecret": "secrets alone",
    "contributions.DailyWork": "the service's own",
    "contributions.WorkerHeartbeat": "the service's own",
    "contributions.AuditResult": "the service's own",
    "console.Readiness": "the service's own",
    "console.Operator": "the operator's own: who may log in to the console",
    "api.UsedToken": "digests of signed requests, for minutes",
    "demo.DemoShop": "the demonstration's own",
    "sandbox.SandboxRequest": "the simulator's own: ids and states of what its checkouts tell",
    "sandbox.SandboxWebhook": "the simulator's own: ids and states of what its checkouts tell",
    "sandbox.SandboxPermission": "the simulator's own: limits and states of what its permissions tell",
    "sandbox.SandboxPayee": "the simulator's own: an account without a name",
}
"""Tables without a row that belongs to a partner or a giver, and why."""

SECRET = ("_encrypted", "digest", "fingerprint", "lookup", "lease_token", "secret")
"""Whatever column has one of these in its name is never exported. What is encrypted is for the provider alone."""


LINKS = (b"OnboardingURL", b"GiverURL")
"""Whoever has such a link says whose bank account is paid, or takes a giver's permissions back; in kept answers alone there may
be one."""


def of_partner(name: str) -> Iterator[str]:
    """The document in pieces, of the partner's live and test rows."""
    partners = list(Partner.objects.filter(name=name).values_list("pk", flat=True))
    gifts = Contribution.objects.filter(partner__in=partners).values("public_id")
    ids = gifts.union(Payee.objects.filter(partner__in=partners).values("public_id"))
    tables: dict[str, Iterable[Model]] = {
        label: _rows(label, table.of_partner, ids if table.of_partner == table.of_gift else partners)
        for label, table in TABLES.items()
    }
    return _document({"partner": name}, tables)


def of_gifts(word: str, gifts: Iterable[Contribution]) -> Iterator[str]:
    """The document in pieces, of these gifts: `word` is how they were found."""
    found = list(gifts)
    keys, public_ids = [one.pk for one in found], [one.public_id for one in found]
    tables: dict[str, Iterable[Model]] = {
        label: _rows(label, table.of_gift, public_ids if table.by_public_id else keys)
        for label, table in TABLES.items()
        if table.of_gift
    }
    tables["api.IdempotencyKey"] = (row for gift in found for row in kept_answers.that_name(gift))
    return _document({"giver": word}, tables)


def columns_of(model: type[Model]) -> list[str]:
    """The columns that may be exported."""
    names = (field.attname for field in model._meta.concrete_fields)
    return [name for name in names if not any(part in name for part in SECRET)]


def _rows(label: str, path: str, values: Any) -> Iterator[Model]:
    model = apps.get_model(label)
    rows: QuerySet[Any] = model._default_manager.all()
    named = rows.filter(**{f"{path}__in": values})
    # A giver of several of the gifts is one row all the same.
    found = rows.filter(pk__in=named.values("pk")) if path.endswith("contributions") else named
    return found.order_by("pk").iterator(chunk_size=500)


def _document(head: dict[str, str], tables: dict[str, Iterable[Model]]) -> Iterator[str]:
    yield json.dumps(head, ensure_ascii=False)[:-1]
    for label, rows in tables.items():
        yield f",\n{json.dumps(label)}: ["
        for number, row in enumerate(rows):
            yield (",\n" if number else "\n") + _written(row)
        yield "]"
    yield "\n}\n"


def _written(row: Model) -> str:
    values = {name: getattr(row, name) for name in columns_of(type(row))}
    if any(link in bytes(values.get("answer_body") or b"") for link in LINKS):
        values["answer_body"] = "not exported: it holds a link that lets in whoever has it"
    return json.dumps(values, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode(errors="replace")
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in an export")
