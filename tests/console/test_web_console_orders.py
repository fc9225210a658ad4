"""What is ordered at the console: done or refused by the domain, and in the audit log with who, why and from where."""

import pytest

from contributions import attention
from contributions.models import Attention, Contribution, LedgerEntry, Refund
from ids import new_id
from notifications.models import Delivery, Event
from partners.models import ApiKey, AuditEntry, Partner
from tests.console.operating import field_in, logged_in

pytestmark = pytest.mark.django_db

WHO = ("operator", "dana: console", "198.51.100.7")
WHY = "giver wrote to us"


@pytest.fixture
def operator(settings):
    settings.CONSOLE = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return logged_in()


@pytest.fixture
def settled(shop, giver):
    made = shop.new_contribution(shop.new_goal(), Amount="20.00")
    giver.pay(made.value("ProviderURL"), "approve")
    gift = made.value("Id")
    assert Contribution.objects.get(public_id=gift).status == "Settled"
    return gift


def rows(*beginnings):
    """Who did what, from where: without what nobody has ordered."""
    found = AuditEntry.objects.order_by("pk").exclude(actor_kind="key").exclude(action__startswith="operator.")
    return [(one.action, (one.actor_kind, one.actor, one.address)) for one in found.filter(actor_kind="operator")]


def last(action):
    return AuditEntry.objects.filter(action=action).order_by("-pk").first()


def refund(operator, gift, *, reason=WHY, **fields):
    page = operator.get(f"/gifts/{gift}")
    fields = {"refund": field_in(page, "refund"), "reason": reason, **fields}
    answer = operator.post(f"/gifts/{gift}/refund", at=f"/gifts/{gift}", **fields)
    return answer, fields["refund"]


def test_a_refund(operator, settled):
    """The partner is told as of any other; the reason stays in the audit log."""
    answer, refund_id = refund(operator, settled, amount="5.00")
    assert (answer.status_code, answer["Location"]) == (303, f"/console/gifts/{settled}")
    assert operator.told(f"/gifts/{settled}") == f"Refund {refund_id} of 5.00 USD: Completed."
    assert rows() == [("console.refund", WHO), ("gift.refund_asked", WHO)]
    assert last("console.refund").after == {"refund": refund_id, "amount": "5.00", "reason": WHY}
    assert last("console.refund").request_id == last("gift.refund_asked").request_id == answer["Request-Id"]
    made = Refund.objects.get()
    assert (made.public_id, made.amount_minor, made.reason, made.cause) == (refund_id, 500, None, "operator")
    assert LedgerEntry.objects.get(refund=made).cause == "operator"


def test_a_form_sent_twice_is_one_refund(operator, settled):
    _, refund_id = refund(operator, settled)
    page = f"/gifts/{settled}"
    operator.post(f"{page}/refund", at=page, refund=refund_id, reason=WHY)
    assert [one.amount_minor for one in Refund.objects.all()] == [2000]


@pytest.mark.parametrize(
    ("amount", "said"), [("20.01", "20.00"), ("0", ""), ("-1", ""), ("1.234", ""), ("five", ""), ("1e3", ""), ("9" * 40, "")]
)
def test_a_refund_that_the_domain_refuses(operator, settled, amount, said):
    refund(operator, settled, amount=amount)
    told = operator.told(f"/gifts/{settled}")
    assert told.startswith("Not done: "), told
    assert said in told
    assert rows() == [("console.refund", WHO), ("console.refund_refused", WHO)]
    assert last("console.refund_refused").after["why"] in told
    assert not Refund.objects.exists()


def test_what_is_not_settled_cannot_be_refunded(operator, shop, settled):
    page, gift = f"/gifts/{settled}", shop.new_contribution(shop.new_goal()).value("Id")
    operator.post(f"/gifts/{gift}/refund", at=page, refund=new_id(), reason=WHY)
    assert operator.told(f"/gifts/{gift}").startswith("Not done: ")
    for refund_id in ("", "x", "'" * 22):
        assert operator.post(f"{page}/refund", at=page, refund=refund_id, reason=WHY).status_code == 404


@pytest.mark.parametrize("reason", ["", "  ", "ab", "x" * 501, " a\n"])
def test_nothing_is_done_without_a_reason(operator, settled, reason):
    refund(operator, settled, reason=reason)
    assert operator.told(f"/gifts/{settled}") == "Not done: say why, in 3 to 500 characters."
    assert (rows(), Refund.objects.count()) == ([], 0)


def test_a_card_number_in_a_reason_is_masked(operator, settled):
    refund(operator, settled, reason="card 4111 1111 1111 1111 was lost")
    assert "1111 1111" not in str(last("console.refund").after["reason"])


@pytest.mark.parametrize("deed", ["approve", None])
def test_a_release(operator, shop, giver, deed):
    """What is held is voided, what nobody has paid is cancelled."""
    goal = shop.new_goal(CapturePolicy="Manual") if deed else shop.new_goal()
    made = shop.new_contribution(goal)
    gift = made.value("Id")
    if deed:
        giver.pay(made.value("ProviderURL"), deed)
        assert Contribution.objects.get(public_id=gift).status == "Authorized"
    operator.post(f"/gifts/{gift}/release", at=f"/gifts/{gift}", reason=WHY)
    assert operator.told(f"/gifts/{gift}").startswith("Released: the gift is ")
    assert Contribution.objects.get(public_id=gift).intent == "release"
    assert rows() == [("console.release", WHO), ("gift.deleted", WHO)]


def test_what_is_settled_is_not_released(operator, settled):
    operator.post(f"/gifts/{settled}/release", at=f"/gifts/{settled}", reason=WHY)
    assert operator.told(f"/gifts/{settled}").startswith("Not done: A contribution that is Settled cannot be deleted")
    assert rows() == [("console.release", WHO), ("console.release_refused", WHO)]


def test_asking_now(operator, shop, giver):
    made = shop.new_contribution(shop.new_goal())
    gift = made.value("Id")
    giver.pay(made.value("ProviderURL"), "pending")
    operator.post(f"/gifts/{gift}/ask-now", at=f"/gifts/{gift}", reason=WHY)
    assert "Pending -> Settled (contribution.settled)" in operator.told(f"/gifts/{gift}")
    assert rows() == [("console.ask_now", WHO), ("gift.asked_now", WHO)]


def test_an_event_is_sent_again(operator, shop, settled):
    event = Event.objects.filter(about=settled).order_by("pk").first()
    page = f"/gifts/{settled}"
    operator.post(f"/events/{event.public_id}/redeliver", at=page, reason=WHY)
    assert operator.told(page).startswith("Not done: ")
    made = shop.post(
        "/api/WebhookEndpoints",
        "<WebhookEndpoint><URL>https://198.41.0.4/</URL></WebhookEndpoint>",
    )
    assert made.status == 201, made.text
    answer = operator.post(f"/events/{event.public_id}/redeliver", at=page, reason=WHY)
    assert answer["Location"] == f"/console{page}"
    assert operator.told(page) == f"Event {event.public_id} is on its way again to 1 endpoint."
    assert Delivery.objects.get(event=event).state == Delivery.State.DUE
    assert [one for one, _ in rows()] == [
        "console.redeliver",
        "console.redeliver_refused",
        "console.redeliver",
        "event.sent_again",
    ]


def test_what_a_person_has_seen_to(operator, settled):
    attention.arise("no_outcome", Contribution.objects.get(public_id=settled))
    number = Attention.objects.get().pk
    operator.post(f"/attention/{number}/solved", at="/attention", reason=WHY)
    assert operator.told("/attention") == f"{number} is off the list."
    assert not Attention.objects.exists()
    assert rows() == [("console.solved", WHO), ("attention.solved", WHO)]
    for gone in (number, 10**17, 10**30):
        assert operator.post(f"/attention/{gone}/solved", at="/status", reason=WHY).status_code == 404


def test_a_provider_is_turned_off_and_on(operator, shop):
    partner = Partner.objects.get()
    page = f"/partners/{partner.pk}"
    for on in ("0", "1"):
        operator.post(f"{page}/provider", at=page, provider="PayPal", on=on, reason=WHY)
        partner.refresh_from_db()
        assert partner.providers_off == ("" if on == "1" else "PayPal")
    assert rows() == [
        *(("console.switch_provider", WHO), ("partner.provider_off", WHO)),
        *(("console.switch_provider", WHO), ("partner.provider_on", WHO)),
    ]


def test_a_key_is_renamed_and_revoked(operator, shop):
    key = ApiKey.objects.get()
    page = f"/partners/{key.partner_id}"
    operator.post(f"/keys/{key.pk}/rename", at=page, name="till 3", reason=WHY)
    key.refresh_from_db()
    assert key.name == "till 3"
    operator.post(f"/keys/{key.pk}/rename", at=page, name="a\nb", reason=WHY)
    assert operator.told(page).startswith("Not done: a key's name")
    operator.post(f"/keys/{key.pk}/revoke", at=page, reason=WHY)
    assert shop.get("/api/savings").status == 401
    operator.post(f"/keys/{key.pk}/revoke", at=page, reason=WHY)
    assert operator.told(page) == "Not done: no live key starts like that"
    assert [one for one, _ in rows()] == [
        *("console.rename_key", "api_key.renamed", "console.rename_key", "console.rename_key_refused"),
        *("console.revoke_key", "api_key.revoked", "console.revoke_key", "console.revoke_key_refused"),
    ]


def test_an_operator_who_was_disabled_orders_nothing(operator, settled):
    from console import operators

    page = operator.get(f"/gifts/{settled}")
    token, refund_id = field_in(page, "csrfmiddlewaretoken"), field_in(page, "refund")
    operators.disable("dana")
    fields = {"csrfmiddlewaretoken": token, "refund": refund_id, "reason": WHY}
    assert operator.client.post(f"/console/gifts/{settled}/refund", fields)["Location"] == "/console/login"
    assert not Refund.objects.exists()
