"""Who may change what: versions and If-Match."""

import pytest

from contributions import deletion, goal_events
from goals.models import PaymentAccount, SavingGoal
from tests.api.conftest import all_rows
from tests.api.editing import JSON, XML, edit_xml, tags
from tests.at_once import all_at_once
from tests.conftest import PAYPAL, Giver, PartnerClient, contribution_xml, goal_xml, register

pytestmark = pytest.mark.django_db


def test_a_change_that_names_no_version_is_428_and_tells_it(shop, path, verb):
    for headers in ({}, {"If_Match": "*"}, {"If_Match": ""}):
        refused = shop.call(verb, path, edit_xml(), **headers)
        assert (refused.status, refused.value("code"), refused.value("RecordVersionNumber")) == (428, "version_not_named", "1")
    assert shop.call(verb, path, edit_xml(), Accept=JSON).json["RecordVersionNumber"] == 1
    assert shop.get(path).value("Name") == "A bicycle for Anna"


def test_a_stale_number_is_409_and_tells_the_current_one(shop, path, verb):
    assert shop.call(verb, path, edit_xml(1)).status == 200
    before = shop.get(path).body
    for stale in (1, 3, 999999999999999999):
        refused = shop.call(verb, path, edit_xml(stale, "Lost"))
        assert (refused.status, refused.value("code"), refused.value("RecordVersionNumber")) == (409, "stale_version", "2")
        assert shop.call(verb, path, edit_xml(stale, "Lost"), Accept=JSON).json["RecordVersionNumber"] == 2
    assert shop.get(path).body == before
    assert shop.call(verb, path, edit_xml(2, "Again")).value("RecordVersionNumber") == "3"


def test_a_stale_tag_is_412_and_tells_the_current_version(shop, path, verb):
    old = tags(shop, path)
    assert shop.call(verb, path, edit_xml(1)).status == 200
    before = shop.get(path).body
    for stale in (
        *old, '"x"', "1.0x", '"1.0"', '""', "garbage", "W/" + tags(shop, path)[0], f"{tags(shop, path)[0]}x", "*, *", '"*"',
        "\xe9",
    ):  # fmt: skip
        refused = shop.call(verb, path, edit_xml(name="Lost"), If_Match=stale)
        assert (refused.status, refused.value("code"), refused.value("RecordVersionNumber")) == (412, "stale_entity_tag", "2")
        assert shop.call(verb, path, edit_xml(name="Lost"), If_Match=stale, Accept=JSON).json["RecordVersionNumber"] == 2
    assert shop.get(path).body == before


@pytest.mark.parametrize("media", [XML, JSON])
def test_a_tag_is_enough_whichever_format_it_came_from(shop, path, verb, media):
    for number in (0, 1):
        for header in ("{}", '"other", {}', '{},"other"', "  {}  ", 'W/"1", {}'):
            done = shop.call(verb, path, edit_xml(), Accept=media, If_Match=header.format(tags(shop, path)[number]))
            assert done.status == 200
            assert done.headers["ETag"] == shop.get(path, Accept=media).headers["ETag"]


def test_with_a_number_and_a_tag_both_must_fit(shop, path, verb):
    old_tag = tags(shop, path)[0]
    assert shop.call(verb, path, edit_xml(1), If_Match=old_tag).status == 200
    new_tag = tags(shop, path)[0]
    assert shop.call(verb, path, edit_xml(2), If_Match=old_tag).status == 412
    assert shop.call(verb, path, edit_xml(1), If_Match=new_tag).status == 409
    assert shop.call(verb, path, edit_xml(1), If_Match=old_tag).status == 412
    assert shop.call(verb, path, edit_xml(2, "Again"), If_Match="*").status == 200
    assert shop.get(path).value("RecordVersionNumber") == "3"


def test_a_stale_edit_changes_nothing_at_all(shop, path, verb):
    rows = all_rows()
    provider = "<PaymentProvider><ProviderName>Stripe</ProviderName><Credentials>acct_evil</Credentials></PaymentProvider>"
    changes = {"StartingAmount": "99", "Currency": "EUR", "EndDate": "2030-01-01", "PaymentProviders": provider}
    assert shop.call(verb, path, goal_xml(RecordVersionNumber="7", **changes)).status == 409
    assert all_rows() == rows


def test_an_edit_that_loses_the_race_changes_nothing(shop, path, verb, monkeypatch):
    """Another edit, or a gift, or a deletion, comes between the check and the write."""
    goal = SavingGoal.objects.get()
    tag = tags(shop, path)[0]
    edit = goal_events.edit

    def meanwhile(**changes):
        def late(*arguments, **options):
            SavingGoal.objects.filter(pk=goal.pk).update(**changes)
            return edit(*arguments, **options)

        return late

    for body, headers, changes, status in (
        (edit_xml(1, "Lost"), {}, {"version": 2}, 409),
        (edit_xml(name="Lost"), {"If_Match": tag}, {"version": 2}, 412),
        (edit_xml(name="Lost"), {"If_Match": tag}, {"activity": 1}, 412),
        (edit_xml(1, "Lost"), {"If_Match": tag}, {"activity": 1}, 412),
        (edit_xml(1, "Lost"), {}, {"deleted_at": "2026-01-01T00:00:00Z"}, 404),
    ):
        SavingGoal.objects.filter(pk=goal.pk).update(version=1, activity=0, deleted_at=None)
        with monkeypatch.context() as patch:
            patch.setattr(goal_events, "edit", meanwhile(**changes))
            refused = shop.call(verb, path, body, **headers)
        assert refused.status == status
        assert status == 404 or refused.value("RecordVersionNumber") == str(changes.get("version", 1))
        assert SavingGoal.objects.get().name == "A bicycle for Anna"
        assert PaymentAccount.objects.count() == 1


def test_delete_honours_if_match_and_does_not_ask_for_it(shop):
    paths = [f"/api/SavingGoal/{shop.new_goal()}" for _ in range(4)]
    old = tags(shop, paths[0])[0]
    assert shop.put(paths[0], edit_xml(1)).status == 200
    refused = shop.delete(paths[0], If_Match=old)
    assert (refused.status, refused.value("RecordVersionNumber")) == (412, "2")
    assert shop.delete(paths[0], If_Match=f'"a", {tags(shop, paths[0])[1]}').status == 204
    assert shop.delete(paths[1], If_Match="*").status == 204
    assert shop.delete(paths[2]).status == 204
    assert shop.delete(paths[3], If_Match="W/" + tags(shop, paths[3])[0]).status == 412
    assert SavingGoal.objects.filter(deleted_at=None).count() == 1


def test_a_goal_that_gets_a_gift_meanwhile_is_not_deleted(shop, path, monkeypatch):
    tag, delete_goal = tags(shop, path)[0], deletion.delete_goal

    def late(*arguments, **options):
        SavingGoal.objects.update(activity=1)
        return delete_goal(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(deletion, "delete_goal", late)
        assert shop.delete(path, If_Match=tag).status == 412
    assert shop.get(path).status == 200
    tag = tags(shop, path)[0]
    shop.post(f"{path}/Contributions", contribution_xml())
    assert shop.delete(path, If_Match=tag).status == 412, "nor with a gift that came before"
    assert shop.delete(path, If_Match=tags(shop, path)[0]).status == 204


def test_delete_of_a_contribution_honours_if_match(shop, path):
    made = shop.post(f"{path}/Contributions", contribution_xml())
    gift = f"/api/Contribution/{made.value('Id')}"
    refused = shop.delete(gift, If_Match='"7x"')
    assert (refused.status, refused.value("RecordVersionNumber")) == (412, "1")
    assert shop.delete(gift, If_Match=made.headers["ETag"]).status == 204


def test_capture_honours_if_match_until_the_money_is_taken(shop, giver):
    made = shop.new_contribution(shop.new_goal(CapturePolicy="Manual"))
    giver.pay(made.value("ProviderURL"))
    gift = f"/api/Contribution/{made.value('Id')}"
    refused = shop.post(f"{gift}/Capture", If_Match=made.headers["ETag"])
    assert (refused.status, refused.value("RecordVersionNumber")) == (412, "2")
    assert shop.get(gift).value("Status") == "Authorized"
    held = shop.get(gift).headers["ETag"]
    assert shop.post(f"{gift}/Capture", If_Match=held).value("Status") == "Settled"
    again = shop.post(f"{gift}/Capture", If_Match=held)
    assert (again.status, again.value("Status")) == (200, "Settled")


def test_rotate_honours_if_match(shop):
    made = shop.post("/api/WebhookEndpoints", "<WebhookEndpoint><URL>https://shop.example/hooks</URL></WebhookEndpoint>")
    path = f"/api/WebhookEndpoints/{made.value('Id')}"
    refused = shop.post(f"{path}/Rotate", If_Match='"99x"')
    assert (refused.status, refused.value("RecordVersionNumber"), refused.value("Secret")) == (412, "1", None)
    assert shop.post(f"{path}/Rotate?ValidateOnly=1", If_Match='"99x"').status == 412
    assert shop.post(f"{path}/Rotate", If_Match=made.headers["ETag"]).value("Secret").startswith("whsec_")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name_it", ["number", "tag", "both"])
def test_24_edits_of_one_version_at_once_are_one_edit(name_it):
    shop = PartnerClient(register("Shop").api_key)
    path = f"/api/SavingGoal/{shop.new_goal()}"
    tag = shop.get(path).headers["ETag"] if name_it != "number" else ""
    version = "" if name_it == "tag" else "1"

    def edit(number):
        provider = PAYPAL.replace("anna@", f"{number}@")
        body = goal_xml(Name=f"Edit {number}", RecordVersionNumber=version, PaymentProviders=provider)
        return shop.put(path, body, If_Match=tag).status

    answers = all_at_once(24, edit)
    winner = answers.index(200)
    assert answers[:winner] + answers[winner + 1 :] == [409 if name_it == "number" else 412] * 23
    done = shop.get(path)
    assert (done.value("RecordVersionNumber"), done.value("Name")) == ("2", f"Edit {winner}")
    live = PaymentAccount.objects.filter(retired_at=None)
    assert [account.credentials for account in live] == [f"{winner}@example.org"]


@pytest.mark.django_db(transaction=True)
def test_edits_and_gifts_at_once_lose_neither():
    shop = PartnerClient(register("Shop").api_key)
    goal_id = shop.new_goal()
    path = f"/api/SavingGoal/{goal_id}"
    backs = [Giver().choose(shop.new_contribution(goal_id).value("ProviderURL"), "approve") for _ in range(8)]

    def give_or_edit(number):
        if number < 8:
            return Giver().visit(backs[number]).status
        for _ in range(200):
            version = shop.get(path).value("RecordVersionNumber")
            status = shop.patch(path, edit_xml(version, f"Edit {number}")).status
            if status != 409:
                return status
        return None

    assert all_at_once(16, give_or_edit) == [303] * 8 + [200] * 8
    done = shop.get(path)
    assert (done.value("CurrentAmount"), done.value("RecordVersionNumber")) == ("160.00", "9")


# --- A change of nothing ----------------------------------------------------------------------------------------------

PAYEE = "<PaymentAccount><ProviderName>PayPal</ProviderName><Credentials>a@example.org</Credentials>{}</PaymentAccount>"
VERSION_1 = "<RecordVersionNumber>1</RecordVersionNumber>"


def test_a_patch_of_nothing_raises_no_version(shop):
    """An empty one, and one that says what is there already, however it is written; it must name the version all the same."""
    path = f"/api/SavingGoal/{shop.new_goal(EndDate='2099-01-01', Metadata='<Item><Name>a</Name><Value>b</Value></Item>')}"
    account = shop.post("/api/PaymentAccounts", PAYEE.format("")).headers["Location"]
    providers = f"<PaymentProviders>{PAYPAL}</PaymentProviders>"
    for where, body in (
        (path, f"<SavingGoal>{VERSION_1}</SavingGoal>"),
        (path, f"<SavingGoal>{VERSION_1}<GoalAmount>0250.0</GoalAmount>{providers}</SavingGoal>"),
        (path, shop.get(path).body.decode()),
        (account, f"<PaymentAccount>{VERSION_1}</PaymentAccount>"),
        (account, PAYEE.format(VERSION_1)),
    ):
        before = shop.get(where)
        done = shop.patch(where, body)
        assert (done.status, done.body, done.headers["ETag"]) == (200, before.body, before.headers["ETag"]), (where, done.text)
        assert shop.patch(where, body.replace(VERSION_1, VERSION_1.replace("1", "2"))).status == 409
        assert shop.patch(where, body.replace(VERSION_1, "")).status == 428
    assert (PaymentAccount.objects.count(), shop.get("/api/Events").xml.findall("Event")) == (1, [])
    assert shop.patch(path, f"<SavingGoal>{VERSION_1}<Name>B</Name></SavingGoal>").value("RecordVersionNumber") == "2"


def test_a_put_of_the_same_is_a_version_of_its_own(shop, path):
    """It replaces the record, whatever that was: of two with the same number only one is taken."""
    told = shop.get(path).body
    assert shop.put(path, told).value("RecordVersionNumber") == "2"
    assert shop.put(path, told).status == 409


def test_a_patch_of_nothing_meets_what_moves_meanwhile(shop, path, monkeypatch):
    """Another has changed the goal between its being read and written: what would have changed nothing is stale."""
    edit = goal_events.edit

    def overtaken(goal, change, **named):
        SavingGoal.objects.update(name="Other", version=2)
        return edit(goal, change, **named)

    monkeypatch.setattr(goal_events, "edit", overtaken)
    assert shop.patch(path, f"<SavingGoal>{VERSION_1}</SavingGoal>").value("code") == "stale_version"
