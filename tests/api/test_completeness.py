"""Nothing is forgotten: every error has its row, every row its own words, and one place writes a contribution's status."""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import encryption
import money
from api import authorization, errors, request_errors
from api.records import reading
from console import backups, distribution, freed_space, operators
from console.site import orders
from contributions import charging_again, erasure, modes, payment_requests, reopening, returned_checkouts
from contributions.transitions import IllegalMove
from givers import permissions
from givers import sync as permission_sync
from givers import transitions as of_permissions
from notifications import addresses
from pages import button_page
from partners import fees, keys, networks, redirects, registration, scopes, signing
from pledges import changes, steps
from providers import base
from providers.amazon import client as amazon_client
from providers.kit import certificates, provider_proxy, proxied, proxy_accounts, proxy_wire, refusals, transport, urls
from providers.paypal import client
from providers.stripe import client as stripe_client
from web import incoming, places, problems
from xml_schemas import definitions

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = (
    "api", "pages", "hooks", "console", "web", "contributions", "givers", "goals", "notifications", "partners", "pledges",
    "providers",
    "xml_schemas",
)  # fmt: skip

NEVER_TOLD = {
    problems.RequestError: "nobody raises it: what is raised are the errors that descend from it",
    reading.Unfit: "becomes one of the faults of BodyFaults",
    reading.HoldsCardNumber: "the same, with a code of its own",
    errors.StaleRecord: "the row of the error in it",
    definitions.UnknownConstruct: "a mistake in our own XSD, seen by the tests",
    authorization.OfTheOtherMode: "becomes NoSuchRecord",
    modes.CannotMove: "is told by the command",
    of_permissions.IllegalMove: "a fault of ours: a 500 to clients, as IllegalMove of gifts",
    permission_sync.BeingAsked: "a page that looks again in a moment",
    permission_sync.TooManySetups: "a 409 page that leads back to the partner",
    permissions.NoRoom: "the gift is paid as usual, with a Notice",
    redirects.BadRedirectURL: "becomes one of the faults of BodyFaults",
    base.CredentialsRefused: "becomes one of the faults of BodyFaults",
    money.BadAmount: "becomes one of the faults of BodyFaults",
    money.UnknownCurrency: "becomes one of the faults of BodyFaults",
    base.InvalidSignature: "becomes a bare 400 to whoever sent the report",
    base.ProviderRefused: "becomes CheckoutRefused, or a status",
    base.ProviderUnavailable: "is asked again",
    base.TokenRefused: "a 400 page that says so",
    button_page.NothingSent: "a page that looks again in a moment",
    base.PayerActionRequired: "the giver is sent back to the provider, or it stays open",
    transport.NoAnswer: "a ProviderUnavailable",
    amazon_client.AmazonRefused: "the same as PayPalRefused",
    reopening.BeingOpened: "the form waits, and then says so on its page",
    reopening.NotOnOffer: "a 400 page that offers what there is",
    reopening.TooManyTries: "a 409 page that leads back to the partner",
    payment_requests.NoProviderYet: "nobody asks about a gift whose provider is not picked",
    returned_checkouts.CannotTell: "a page that looks again in a moment",
    client.PayPalRefused: "becomes one of the errors of providers.base in the adapter",
    stripe_client.StripeRefused: "the same as PayPalRefused",
    certificates.NoCertificate: "PayPal is asked instead, or the webhook comes again",
    base.KeysRefused: "a ProviderUnavailable; check_provider says what to do",
    refusals.Refused: "what PayPalRefused and its like are",
    urls.BadURL: "a BadAddress, or a page that no giver is sent to",
    addresses.BadAddress: "becomes one of the faults of BodyFaults, or is told by a command",
    addresses.NotPublic: "the same",
    addresses.NameNotFound: "a delivery that failed",
    registration.BadPartner: "told by create_partner",
    distribution.CannotBeSpread: "told by distribute",
    fees.BadFee: "told by create_partner, and at the start",
    scopes.BadScope: "told by create_api_key",
    signing.BadPublicKey: "told by create_api_key",
    networks.BadNetwork: "told by partner_access",
    operators.BadOperator: "told by console_user",
    backups.BackupFailed: "told by backup and restore_drill",
    orders.NoReason: "a page of the console that asks for one",
    proxy_accounts.NotOurs: "the provider proxy refuses what this tier has asked for",
    provider_proxy.Refused: "the same",
    proxy_wire.BadMessage: "the same; on this side a ProxyTrouble",
    proxied.ProxyTrouble: "a ProviderUnavailable",
    charging_again.BeingPaid: "the pledge tries again another day",
    charging_again.TooLate: "the pledge goes on to the next gift",
    steps.NotYet: "the pledge is looked at again",
    changes.IllegalMove: "a mistake of ours, in the log",
    erasure.BeingAsked: "told by erase; the worker tries again",
    erasure.KeepsChanging: "the same",
    freed_space.StillThere: "told by erase",
    incoming.BodyWanted: "the front door takes the body",
    incoming.TooSlow: "the front door answers 408 by BodyTooSlow",
    places.PlaceWanted: "the front door waits; then it is NoPlace",
    errors.SignedRequestReplayed: "a SignedRequestRefused, with its row",
    places._Full: "told as NoPlace or ProviderBusy",
    places._FullGift: "told as NoPlace",
    keys.NoSuchKey: "told by revoke_api_key",
    keys.BadKeyName: "told by keys and create_api_key",
    keys.AmbiguousPrefix: "told by revoke_api_key",
    encryption.UnreadableSecret: "the operator's to mend: a 500 to clients, its sentence in the log",
}
"""Errors without a row, and what becomes of each instead."""


def errors_defined():
    """Every exception class that the rooms and the modules beside them define."""
    modules = [money, encryption]
    for room in ROOMS:
        package = importlib.import_module(room)
        modules.append(package)
        for found in pkgutil.walk_packages(package.__path__, f"{room}."):
            if ".migrations." not in found.name:
                modules.append(importlib.import_module(found.name))
    for module in modules:
        for _, one in inspect.getmembers(module, inspect.isclass):
            if issubclass(one, BaseException) and one.__module__ == module.__name__:
                yield one


def test_every_error_is_in_the_table_or_says_why_not():
    found = set(errors_defined())
    assert IllegalMove in found
    assert request_errors.NoValidKey in found
    assert {one.__qualname__ for one in found if one not in errors.TABLE and one not in NEVER_TOLD} == set()
    assert {one.__qualname__ for one in NEVER_TOLD if one in errors.TABLE or one not in found} == set()


def test_every_row_has_words_of_its_own_that_few_share():
    rows = list(errors.every_row())
    assert {row.code for row in rows} >= {row.code for row in errors.TABLE.values()}
    for told in ([row.code for row in rows], [row.title for row in rows]):
        assert sorted({one for one in told if told.count(one) > 1}) == []
    assert all(400 <= row.status <= 599 and row.title[0].isupper() and not row.title.endswith(".") for row in rows)
    shared = {}
    for kind, row in errors.TABLE.items():
        shared.setdefault(row.code, set()).add(kind.__name__)
    assert [kinds for kinds in shared.values() if len(kinds) > 1] == [
        {"BadHeader", "BadScenario"},
        {"OperationalError", "InterfaceError", "TooBusy", "NoPlace"},
        {"ProviderSilent", "PayeeNotChecked"},
    ]


WRITING_CALLS = {
    "update",
    "update_one",
    "update_values",
    "update_of",
    "create",
    "get_or_create",
    "update_or_create",
    "Contribution",
    "bulk_create",
    "aupdate",
    "acreate",
}
TEXT_CALLS = {"setattr", "__setattr__", "bulk_update", "abulk_update"}
SQL_CALLS = {"execute", "executemany", "raw", "RunSQL"}

STATUSES_OF_OTHER_THINGS = {
    "contributions/refund_outcomes.py": 3,
    "contributions/told_refunds.py": 1,
    "providers/kit/provider_proxy.py": 1,  # of an HTTP answer
}
"""Where something else than a contribution has a status: by file, in how many places it is written."""


def writes_of_a_status(source):
    """Lines that could set the `status` of a row, however it is put."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in [part for one in targets for part in ast.walk(one)]:
                if isinstance(target, ast.Attribute) and target.attr == "status" and isinstance(target.ctx, ast.Store):
                    yield node.lineno
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            named = {keyword.arg for keyword in node.keywords}
            texts = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}
            by_name = name in WRITING_CALLS and "status" in named | texts
            by_text = name in TEXT_CALLS and "status" in texts
            by_sql = name in SQL_CALLS and any("contributions_contribution" in text for text in texts)
            if by_name or by_text or by_sql:
                yield node.lineno


@pytest.mark.parametrize(
    "source",
    [
        "contribution.status = SETTLED", "contribution.status: str = SETTLED", "contribution.status += 'x'",
        "a, contribution.status = 1, SETTLED", "Contribution.objects.filter(pk=1).update(status=SETTLED)",
        "Contribution.objects.update(**{'status': SETTLED})", "Contribution.objects.create(goal=goal, status=SETTLED)",
        "Contribution(status=SETTLED).save()", "Contribution.objects.update_or_create(pk=1, defaults={'status': SETTLED})",
        "Contribution.objects.bulk_update(every, ['status'])", "setattr(contribution, 'status', SETTLED)",
        "cursor.execute('UPDATE contributions_contribution SET status = 1')",
        "returning.update_one(Contribution.objects.filter(pk=1), status=SETTLED)",
        "prepared.update(Contribution, {'pk': 1}, {'status': SETTLED}, reads=['version'])",
    ],
)  # fmt: skip
def test_a_back_door_would_be_seen(source):
    assert list(writes_of_a_status(source)) == [1]


@pytest.mark.parametrize(
    "source",
    [
        "HttpResponse(status=404)", "render(request, 'x', status=404)", "objects.filter(status=OPEN)",
        "row.answer_status = 200", "status = 1", "x = a.status",
    ],
)  # fmt: skip
def test_what_only_reads_or_means_http_is_let_through(source):
    assert list(writes_of_a_status(source)) == []


def test_only_the_gate_writes_a_contributions_status():
    found = {}
    for path in sorted(ROOT.glob("**/*.py")):
        room = path.relative_to(ROOT)
        elsewhere = room.parts[0] in {"tests", "benchmarks", "var", "demo", "clients"} or room.parts[0].startswith(".")
        if not elsewhere and "migrations" not in room.parts and (lines := list(writes_of_a_status(path.read_text()))):
            found[room.as_posix()] = len(lines)
    assert found == {"contributions/transitions.py": 2} | STATUSES_OF_OTHER_THINGS
