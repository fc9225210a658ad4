"""What a giver agrees to: asked for, agreed to at the provider's page, taken back, over. Only the provider is believed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contributions.worker import sync_all_due
from givers import permissions, sync
from givers.models import Permission
from notifications.models import Event
from providers.base import ProviderUnavailable
from providers.sandbox.adapter import SandboxProvider
from providers.sandbox.models import SandboxPermission
from providers.sandbox.webhooks import sign_webhook
from tests.givers.conftest import body

pytestmark = pytest.mark.django_db

CONFIRMED, CANCELED = "https://shop.example/yes?for=ann", "https://shop.example/no"
URLS = {"ConfirmationURL": CONFIRMED, "CancelURL": CANCELED}


def types_of(permission):
    return list(Event.objects.filter(about=permission.public_id).order_by("position").values_list("type", flat=True))


def states():
    return list(Permission.objects.order_by("pk").values_list("state", "state_reason"))


def silent(*told, **how):
    raise ProviderUnavailable("nobody there")


def test_a_giver_agrees_and_comes_back(ann):
    made = ann.post_permission(**URLS)
    assert (made.status, made.value("State"), made.value("UsedTotal")) == (201, "Requested", "0.00")
    url = made.value("PermissionURL")
    assert url == f"http://give.example.test/permission/{made.value('Id')}"
    back = ann.come_back(url, "agree")
    assert back.headers["Location"] == f"{CONFIRMED}&Id={made.value('Id')}"
    permission = Permission.objects.get()
    assert (permission.state, permission.version) == ("Active", 2)
    assert types_of(permission) == ["permission.requested", "permission.active"]
    shown = ann.shop.get(made.headers["Location"])
    assert (shown.value("State"), shown.value("ConfirmationURL")) == ("Active", CONFIRMED.replace("&", "&amp;")), shown.text


def test_the_token_is_kept_encrypted_and_shown_nowhere(ann):
    permission = ann.permission()
    token = permission.token
    assert token.startswith("vault_")
    assert permission.token_encrypted.startswith("gAAAA")
    answers = [ann.shop.get(path).text for path in (f"/api/Permission/{permission.public_id}", "/api/Events")]
    assert not any(token in text for text in answers)


@pytest.mark.parametrize("way", ["agreed", "disagreed"])
def test_what_a_giver_brings_back_is_not_believed(ann, way):
    """The address alone makes nobody's permission Active; nor does one with another set-up's id change anything."""
    made = ann.post_permission(**URLS)
    permission = Permission.objects.get()
    address = f"/providers/paypal/{way}/{permission.public_id}"
    for query in ("", "?token=", "?token=somebody-elses", f"?token={permission.setup_id}&token=2"):
        assert ann.browser.visit(address + query).status == 400, query
    assert ann.browser.client.head(f"{address}?token={permission.setup_id}").status_code == 200, "a look asks nobody"
    told = ann.browser.visit(f"{address}?token={permission.setup_id}&state=active&PayerID=1")
    assert states() == [("Requested", "")]
    if way == "agreed":
        assert (told.status, "has not confirmed yet that you agreed" in told.text) == (200, True)
    else:
        assert told.headers["Location"] == f"{CANCELED}?Id={made.value('Id')}"
    assert ann.browser.visit(made.value("PermissionURL")).status == 303, "the giver can still agree"


@pytest.mark.parametrize(
    ("outcome", "state", "way_back"),
    [("cancel", ("Requested", ""), CANCELED), ("decline", ("Revoked", "giver_declined"), CANCELED)],
)
def test_a_giver_who_does_not_agree(ann, outcome, state, way_back):
    made = ann.post_permission(**URLS)
    back = ann.come_back(made.value("PermissionURL"), outcome)
    assert back.headers["Location"].startswith(way_back)
    assert states() == [state]
    assert ann.post_gift().value("Status") == "Submitted"


def test_a_redirect_is_signed_where_the_partner_wants_it(ann):
    ann.shop.post("/api/RedirectSecret")
    made = ann.post_permission(**URLS)
    back = ann.come_back(made.value("PermissionURL"), "agree").headers["Location"]
    assert f"&Id={made.value('Id')}&Status=Active&Time=" in back
    assert "&Signature=" in back


def test_a_silent_provider_fails_no_permission(ann, monkeypatch):
    """PermissionURL opens the page when the giver comes, under the same request id."""
    with monkeypatch.context() as patch:
        patch.setattr(SandboxProvider, "ask_permission", silent)
        made = ann.post_permission()
        assert (made.status, made.value("State")) == (201, "Requested")
        page = ann.browser.visit(made.value("PermissionURL"))
        assert (page.status, "Retry-After" in page.headers) == (503, True)
    request_id = Permission.objects.get().request_id
    ann.come_back(made.value("PermissionURL"), "agree")
    assert states() == [("Active", "")]
    assert SandboxPermission.objects.get().asked_by_request == request_id


def test_a_provider_that_refuses_ends_it(ann):
    refused = ann.post_permission(scenario="open_refused")
    assert (refused.status, refused.value("code"), refused.value("StateReason")) == (
        502,
        "permission_refused",
        "provider_refused",
    )
    assert states() == [("Revoked", "provider_refused")]
    page = ann.browser.visit(f"/permission/{Permission.objects.get().public_id}")
    assert (page.status, "This was not agreed to" in page.text) == (200, True)


def test_a_set_up_that_has_lapsed_is_replaced(ann, later):
    made = ann.post_permission()
    first = Permission.objects.get().setup_id
    later(hours=25)
    ann.come_back(made.value("PermissionURL"), "agree")
    permission = Permission.objects.get()
    assert (permission.state, permission.setups) == ("Active", 2)
    assert permission.setup_id != first


def test_whoever_does_not_agree_in_time_is_given_up(ann, later):
    ann.permission("")
    for hours in (1, 73):
        later(hours=hours)
        sync_all_due()
    assert states() == [("Expired", "not_agreed")]


def test_a_giver_who_closes_the_browser_is_found_out(ann, later):
    made = ann.post_permission()
    page = ann.browser.checkout(made.value("PermissionURL"))
    ann.browser.client.post(page.removeprefix("http://give.example.test"), {"outcome": "agree"})
    assert states() == [("Requested", "")]
    later(minutes=5)
    sync_all_due()
    assert states() == [("Active", "")]


def test_nobody_is_asked_for_what_is_over_already(ann):
    refused = ann.post_permission(EndDate="2020-01-01")
    assert (refused.status, "EndDate must be in the future, or be left out." in refused.text) == (400, True), refused.text
    assert not Permission.objects.exists()


def test_its_end_comes_and_the_provider_is_told(ann, later):
    permission = ann.permission(EndDate=(timezone.now() + timedelta(days=10)).date().isoformat())
    assert permission.state == "Active"
    later(days=12)
    assert (
        ann.post_gift()
        .headers["Notice"]
        .startswith("The gift was not paid under a permission: the giver's permission has expired;")
    )
    sync_all_due()
    assert states() == [("Expired", "end_date")]
    assert Permission.objects.get().told_at is not None


def test_it_is_expired_at_its_moment_and_not_a_day_later(ann, later):
    ann.permission(EndDate=f"{timezone.now() + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}")
    later(hours=1)
    sync_all_due()
    assert states() == [("Active", "")]
    later(hours=2, seconds=1)
    sync_all_due()
    assert states() == [("Expired", "end_date")]


def test_revoked_at_the_provider_is_heard_by_webhook(ann):
    permission = ann.permission()
    SandboxPermission.objects.update(state="revoked")
    told = f'{{"id": "1", "permission_id": "{permission.setup_id}", "what": "revoke"}}'.encode()
    headers = {"HTTP_SANDBOX_SIGNATURE": sign_webhook(told)}
    heard = ann.browser.client.post("/providers/paypal/webhook", told, content_type="application/json", **headers)
    assert heard.status_code == 200
    assert states() == [("Revoked", "revoked_at_provider")]


def test_revoked_at_the_provider_is_found_out_in_a_day(ann, later):
    ann.permission()
    SandboxPermission.objects.update(state="revoked")
    later(hours=30)
    sync_all_due()
    assert states() == [("Revoked", "revoked_at_provider")]


def test_delete_revokes_here_and_at_the_provider(ann, rival):
    permission = ann.permission()
    path = f"/api/Permission/{permission.public_id}"
    assert (rival.delete(path).status, rival.get(path).status) == (403, 403)
    assert ann.shop.delete(path).status == 204
    shown = ann.shop.get(path)
    assert (shown.status, shown.value("State"), shown.value("StateReason")) == (200, "Revoked", "client_revoked")
    assert SandboxPermission.objects.get().state == "revoked"
    assert ann.shop.delete(path).status == 204, "it is so already"
    assert types_of(permission)[-1:] == ["permission.revoked"]


def test_a_silent_provider_is_told_later(ann, monkeypatch, later):
    permission = ann.permission()
    with monkeypatch.context() as patch:
        patch.setattr(SandboxProvider, "revoke_permission", silent)
        assert ann.shop.delete(f"/api/Permission/{permission.public_id}").status == 204
    assert states() == [("Revoked", "client_revoked")]
    assert (SandboxPermission.objects.get().state, Permission.objects.get().told_at) == ("active", None)
    assert ann.post_gift().value("Status") == "Submitted", "nothing is taken under it from here on"
    later(minutes=10)
    sync_all_due()
    assert SandboxPermission.objects.get().state == "revoked"
    assert Permission.objects.get().due_at is None


def test_agreed_to_after_it_was_taken_back(ann):
    """The giver was at the provider's page as the partner took it back: it never becomes Active."""
    made = ann.post_permission()
    page = ann.browser.checkout(made.value("PermissionURL"))
    assert ann.shop.delete(f"/api/Permission/{made.value('Id')}").status == 204
    pressed = ann.browser.client.post(page.removeprefix("http://give.example.test"), {"outcome": "agree"})
    ann.browser.visit(pressed["Location"])
    assert states() == [("Revoked", "client_revoked")]
    assert SandboxPermission.objects.get().state == "revoked"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ProviderName": "Cash"}, "ProviderName must be one of"),
        ({"MaximumAmount": ""}, "MaximumAmount is missing"),
        ({"MaximumAmount": "0"}, "MaximumAmount must be more than 0"),
        ({"MaximumTotal": "49.99"}, "MaximumTotal must be at least MaximumAmount"),
        ({"Currency": "JPY", "MaximumAmount": "10.5", "MaximumTotal": ""}, "JPY has no decimals"),
        ({"Currency": ""}, "Currency is missing"),
        ({"ConfirmationURL": "javascript:alert(1)"}, "ConfirmationURL must be an absolute address"),
        ({"State": "Active"}, ""),
    ],
)
def test_what_cannot_be_asked_is_told(ann, changes, sentence):
    made = ann.post_permission(**changes)
    assert (made.status, made.value("State")) == ((400, None) if sentence else (201, "Requested"))
    assert sentence in made.text


def test_a_provider_without_permissions_is_told_so(ann, settings):
    settings.SANDBOX_STRICT = True
    refused = ann.post_permission(ProviderName="Google")
    assert (refused.status, refused.value("code")) == (400, "permission_not_offered")
    assert "Google keeps no standing permissions here" in refused.text


def test_the_same_request_makes_one_permission(ann):
    asked = body("Permission", ProviderName="PayPal", Currency="USD", MaximumAmount="50")
    made = [ann.shop.post(f"/api/Giver/{ann.id}/Permissions", asked, Idempotency_Key="ask-1") for _ in range(2)]
    assert made[0].value("Id") == made[1].value("Id")
    assert Permission.objects.count() == SandboxPermission.objects.count() == 1
    permission = Permission.objects.select_related("giver__partner").get()
    wish = permissions.Wish(provider="PayPal", currency="USD", maximum_minor=5000)
    again = permissions.ask(permission.giver, wish, public_id=permission.public_id)
    assert again.pk == permission.pk, "and a process that died over it goes on"


def test_nobody_asks_beside_whoever_is_asking(ann, monkeypatch):
    """A webhook that comes meanwhile makes the worker ask once more."""
    permission = ann.permission("")
    find, beside = SandboxProvider.find_permission, []

    def meanwhile(self, request, *, request_id):
        beside.append(sync.sync(permission, heard=True).asked)
        return find(self, request, request_id=request_id)

    monkeypatch.setattr(SandboxProvider, "find_permission", meanwhile)
    assert sync.sync(permission).asked
    assert beside == [False]
    assert Permission.objects.get().due_at <= timezone.now()
