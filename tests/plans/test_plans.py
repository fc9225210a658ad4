"""No statement of the service takes longer the more gifts there are: each is read by an index, and reads what it tells of."""

import json

import pytest
from django.db import connection
from django.test import Client

import clock
from contributions import giver_erasure, retention
from contributions.models import Checkout, Contribution
from contributions.rounds import due_by_host
from contributions.worker import sync_all_due
from givers.private_page import page_url
from notifications import delivery
from notifications.posting import Answer
from pledges import due as pledges
from pledges import reminders
from pledges.models import Pledge
from providers.sandbox.webhooks import sign_webhook
from tests.api.matrix import PATHS, ask, undone
from tests.conftest import PAYPAL, Giver
from tests.console.operating import logged_in
from tests.console.running import run
from tests.givers.conftest import body
from tests.plans.asked import an_old, lists_of
from tests.plans.expected import MAY
from tests.plans.recorder import watching

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]


CERTIFICATE = "<PaymentProvider><ProviderName>Certificate</ProviderName></PaymentProvider>"


@pytest.fixture
def watch(crowd):
    """What is sent while the test runs must be planned well."""
    with watching() as seen:
        yield seen
    assert seen.sent
    unexpected = [str(one) for one in seen.faults if one.place not in MAY]
    if unexpected:
        pytest.fail("\n\n".join(unexpected))


def test_each_table_that_grows_is_filled(crowd):
    """No plan is proven by an empty one."""
    with watching() as seen, connection.cursor() as cursor:
        for table in seen.grows:
            cursor.execute(f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {crowd.filled.gifts // 100}) AS first_ones")  # noqa: S608 - our own names
            assert cursor.fetchone() == (crowd.filled.gifts // 100,), table


# --- Partners -------------------------------------------------------------------------------------------------------------


def test_every_path_of_the_api(crowd, watch):
    for path in PATHS:
        for verb, status in path.verbs.items():
            with undone():
                assert ask(crowd.newcomer.client, verb, path, crowd.newcomer).status == status, (verb, path)


def test_the_lists_of_a_partner_with_many_gifts(crowd, watch):
    for path in lists_of(crowd.filled):
        answer = crowd.shop.get(f"/api/{path}")
        assert answer.status == 200, (path, answer.text)


def test_gifts_are_made_paid_captured_and_refunded(crowd, watch):
    paid = crowd.gift()
    assert paid.pay() is not None
    assert paid.status == "Settled"
    assert paid.refund("5.00").status == 201
    held = crowd.gift(CapturePolicy="Manual")
    held.pay()
    assert held.capture().status == 200
    let_go = crowd.gift(CapturePolicy="Manual")
    let_go.pay()
    assert let_go.delete().status == 204
    for outcome in ("decline", "cancel", "pending"):
        crowd.gift().pay(outcome)
    limited = crowd.gift(Overfunding="Never")
    limited.pay()
    for verb in ("Close", "Reopen"):
        assert crowd.shop.post(f"/api/SavingGoal/{limited.goal_id}/{verb}").status == 200
    assert crowd.shop.delete(f"/api/SavingGoal/{limited.goal_id}").status == 204


def test_gifts_are_matched_until_they_go_back(crowd, watch):
    goal_id = crowd.filled.popular_goal
    assert crowd.shop.get(f"/api/SavingGoal/{goal_id}/Matchers").xml.findall("{*}Matcher")
    made = crowd.shop.new_contribution(goal_id)
    Giver().pay(made.value("ProviderURL"))
    assert Contribution.objects.filter(match_of=made.value("Id")).count() == 2
    assert crowd.shop.post(f"/api/Contribution/{made.value('Id')}/Refunds", "<Refund/>").status == 201
    (matcher, *_) = crowd.shop.get(f"/api/SavingGoal/{goal_id}/Matchers").xml.findall("{*}Matcher")
    assert crowd.shop.delete(f"/api/Matcher/{matcher.findtext('{*}Id')}").status == 204


def test_certificates_are_sold_claimed_spent_and_given_back(crowd, watch):
    counter = crowd.counter()
    ann, goal_id = counter.new_giver(), crowd.shop.new_goal(PaymentProviders=PAYPAL + CERTIFICATE)
    certificate = counter.claimed(ann)
    code = counter.get(counter.sold()).value("ClaimCode")
    assert counter.claim_by_code(code, ann).status == 200
    gift = counter.give(goal_id, ann)
    assert gift.status == 201, gift.text
    assert crowd.shop.post(f"/api/Contribution/{gift.value('Id')}/Refunds", "<Refund/>").status == 201
    assert counter.refund(certificate, Amount="5.00").status == 201
    sync_all_due()


# --- Givers and providers --------------------------------------------------------------------------------------------------


def test_pages_and_webhooks(crowd, watch):
    gift = crowd.gift()
    Giver().visit(gift.provider_url)
    gift.giver.choose(gift.provider_url, "approve")
    body = json.dumps({"id": "event-1", "checkout_id": gift.checkout.provider_checkout_id, "what": "approve"}).encode()
    client = Client(SERVER_NAME="give.example.test")
    hook = {"content_type": "application/json", "HTTP_SANDBOX_SIGNATURE": sign_webhook(body)}
    assert client.post("/providers/paypal/webhook", body, **hook).status_code == 200
    assert gift.status == "Settled"
    for page in (f"/pay/{gift.id}", f"/thank-you?Id={gift.id}", f"/cancelled?Id={gift.id}"):
        assert Giver().visit(page).status in {200, 303}


def test_a_giver_agrees_gives_pledges_and_is_erased(crowd, watch, monkeypatch):
    monkeypatch.setattr("pages.permission_page.PAUSES_SECONDS", ())
    ann = crowd.ann()
    permission = ann.permission()
    assert ann.post_gift().value("Status") == "Settled"
    asked = body("Pledge", GiverId=ann.id, Amount="20.00", Every="Month")
    pledge_id = crowd.shop.post(f"/api/SavingGoal/{ann.goal_id}/Pledges", asked).value("Id")
    mine = Pledge.objects.filter(public_id=pledge_id)
    mine.update(next_at=clock.now())
    pledges.follow_all_due()
    Checkout.objects.filter(contribution=mine.get().gifts.get().contribution).update(due_at=clock.now())
    sync_all_due()
    mine.update(due_at=clock.now())
    pledges.follow_all_due()
    assert crowd.shop.get(f"/api/Pledge/{pledge_id}").value("GiftsMade") == "1"
    for verb in ("Pause", "Resume"):
        assert crowd.shop.post(f"/api/Pledge/{pledge_id}/{verb}").status == 200
    assert crowd.shop.delete(f"/api/Permission/{permission.public_id}").status == 204
    for giver in (ann.row, an_old(crowd.filled, Pledge).giver):
        assert Giver().visit(page_url(giver)).status == 200
        assert crowd.shop.delete(f"/api/Giver/{giver.public_id}").status == 204
    giver_erasure.go_on_with_all()


# --- The worker -------------------------------------------------------------------------------------------------------------


class AtOnce:
    """In the place of a pool of threads, which would not see what this thread has not committed."""

    def submit(self, work):
        work()

    def shutdown(self, **how):
        pass


class Stays:
    """In the place of the connection that a thread closes."""

    def close(self):
        pass


def test_the_workers_rounds(crowd, watch, monkeypatch, settings):
    gifts = [crowd.gift(CapturePolicy="OnGoalReached", GoalAmount=amount) for amount in ("20.00", "900.00")]
    for gift in gifts:
        gift.pay()
    open_one = crowd.gift()
    Checkout.objects.filter(contribution=open_one.row).update(due_at=clock.now())
    for due in due_by_host().values():
        due.work(lambda: False)
    sync_all_due()
    assert gifts[0].status == "Settled"
    settings.MAIL_IS_ON = True
    reminders.send_all_due()
    monkeypatch.setattr(delivery, "connection", Stays())
    deliverer = delivery.Deliverer(send=lambda *what: Answer(200, ""))
    deliverer._pools = {False: AtOnce(), True: AtOnce()}
    deliverer.run_once()


def test_a_round_of_the_worker_with_nothing_to_do(crowd, watch):
    due_by_host()
    sync_all_due()


def test_the_days_purge(crowd, watch, settings):
    settings.RETAIN_NAMES_DAYS = settings.RETAIN_MESSAGES_DAYS = settings.RETAIN_EVENTS_DAYS = 5000
    settings.RETAIN_DELIVERIES_DAYS = 5000
    retention.purge()


# --- The operator -----------------------------------------------------------------------------------------------------------


def test_the_pages_of_the_console(crowd, watch, settings):
    settings.CONSOLE = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    operator, gift = logged_in(), an_old(crowd.filled, Contribution, status="Settled")
    words = (
        gift.public_id,
        "capture-17",
        "refund-10",
        "order-17",
        an_old(crowd.filled, Pledge).public_id,
        an_old(crowd.filled, Pledge).giver.public_id,
        "item-11",
        "20.00",
        "Giver 17",
        f"evt_000000000001_{gift.public_id}",
    )
    for word in words:
        assert operator.get("", q=word).status_code in {200, 303}
    pages = (f"/gifts/{gift.public_id}", "/attention", "/status", "/partners", f"/partners/{gift.partner_id}", "/audit-log")
    for page in pages:
        assert operator.get(page).status_code == 200, page
    for asked in ({"about": gift.public_id}, {"action": "gift"}, {"actor": "wr_"}, {"before": "1000"}):
        assert operator.get("/audit-log", **asked).status_code == 200


def test_what_monitoring_asks(crowd, watch):
    client = Client(SERVER_NAME="give.example.test")
    for path in ("/healthz", "/readyz", "/metrics"):
        client.get(path)


def test_the_commands(crowd, watch):
    gift = an_old(crowd.filled, Contribution, status="Settled")
    event = f"evt_000000000001_{gift.public_id}"
    for command in (
        f"gift {gift.public_id}",
        f"goal {gift.goal.public_id}",
        "status",
        "status --waiting",
        "attention",
        "partners",
        "keys",
        "audit_log",
        f"audit_log --about {gift.public_id}",
        f"redeliver {event}",
        "certificates",
    ):
        assert run(*command.split()).status in {0, 1, 2}, command
    assert run("audit_log", "--partner", "Shop 1").status == 0
    assert run("redeliver", "--given-up", "Shop 1").status == 0
