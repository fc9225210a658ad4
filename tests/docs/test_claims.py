"""What docs/partners.md says in sentences and tables, asked of the service."""

import json
import re

import pytest
from django.utils import timezone

from config.log_lines import JsonLines
from goals.models import SavingGoal
from tests.conftest import PAYPAL, contribution_xml, goal_xml
from tests.docs.examples import ROOT, steps_of
from tests.docs.running import HOST, Reader
from tests.docs.test_completeness import PARTNERS, _codes, _rows, _section
from tests.docs.test_partners_guide import BEFORE


def _says(sentence: str) -> None:
    """The guide says so; where it is rewritten, the test is to be looked at again."""
    assert sentence in re.sub(r"\s+", " ", PARTNERS), sentence


def _path(goal: str) -> str:
    return f"/api/SavingGoal/{goal}"


# --- Addresses and formats --------------------------------------------------------------------------------------------


def test_paths_mind_their_case_arguments_do_not_and_a_slash_is_accepted(shop):
    _says("Paths are case-sensitive; names of query arguments are not. A slash at the end of an API path is accepted.")
    assert shop.get("/api/savings/?LIMIT=1&FORMAT=json").status == 200
    assert shop.get("/api/Savings").status == 404


def test_every_get_can_be_a_head(shop, giver):
    _says("HEAD works wherever GET does, except on the providers' ways back")
    goal = shop.new_goal()
    gift = shop.new_contribution(goal)
    paths = ["/api/savings", _path(goal), f"{_path(goal)}/Contributions", f"/api/Contribution/{gift.value('Id')}"]
    checkout = giver.checkout(gift.value("ProviderURL"))
    paths += ["/api/schema/contributions.xsd", "/problems", f"/thank-you?Id={gift.value('Id')}", checkout]
    for path in paths:
        answer = shop.call("HEAD", path)
        assert (answer.status, answer.body) == (200, b""), path
    way_back = f"/providers/paypal/return/{gift.value('Id')}?token={checkout.rpartition('/')[2]}"
    assert shop.call("HEAD", gift.value("ProviderURL")).status == 303
    assert shop.call("HEAD", way_back).status == 404


def test_where_a_key_may_stand(shop, stranger, settings):
    _says("`Authorization: Bearer {key}` (or `Authorization: ApiKey {key}`)")
    _says("The operator can turn the argument off.")
    for scheme in ("Bearer", "ApiKey"):
        assert stranger.get("/api/savings", Authorization=f"{scheme} {shop.key}").status == 200
    in_the_address = f"/api/savings?ApiKey={shop.key}"
    assert stranger.get(in_the_address).status == 200
    settings.ALLOW_QUERY_API_KEY = False
    assert stranger.get(in_the_address).status == 401


def test_one_question_about_a_goal_covers_all_its_contributions(shop, giver):
    _says("The `ETag` of a goal changes with everything that you can see in it, each of its contributions included")
    goal = shop.new_goal()
    tags = [shop.get(_path(goal)).headers["ETag"]]
    gift = shop.new_contribution(goal)
    tags.append(shop.get(_path(goal)).headers["ETag"])
    giver.pay(gift.value("ProviderURL"), "decline")
    tags.append(shop.get(_path(goal)).headers["ETag"])
    assert len(set(tags)) == 3
    assert shop.get(_path(goal), If_None_Match=tags[-1]).status == 304


def test_the_method_override_is_ignored(shop):
    _says("`X-HTTP-Method-Override` is ignored.")
    goal = shop.new_goal()
    assert shop.post(_path(goal), X_HTTP_Method_Override="DELETE").status == 405
    assert shop.get(_path(goal), X_HTTP_Method_Override="DELETE").status == 200


def test_formats(shop):
    _says("Without `Accept` you get XML. `Accept: text/xml` alone is a 406")
    _says("a body sent as `text/xml`, as a form or as `application/merge-patch+json` a 415. `?format=` outranks `Accept`.")
    assert shop.get("/api/savings").headers["Content-Type"] == "application/xml; charset=utf-8"
    assert shop.get("/api/savings", Accept="text/xml").status == 406
    assert shop.get("/api/savings?format=xml", Accept="application/json").text.startswith("<?xml")
    for media in ("text/xml", "application/x-www-form-urlencoded", "application/merge-patch+json"):
        assert shop.post("/api/savings", goal_xml(), media=media).status == 415, media


def test_what_xml_may_look_like(shop):
    _says("Elements have no namespace and take no attributes (`xsi:schemaLocation` is ignored). Comments are ignored.")
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"'
    body = goal_xml()
    assert shop.post("/api/savings", body.replace("<SavingGoal>", f"<SavingGoal {xsi}><!-- hello -->")).status == 201
    assert shop.post("/api/savings", body.replace("<SavingGoal>", '<SavingGoal xmlns="urn:x">')).status == 400
    assert shop.post("/api/savings", body.replace("<Name>", '<Name lang="en">')).status == 400


@pytest.mark.parametrize(
    ("mark", "encoding", "charset"),
    [(b"", "utf-8", ""), (b"", "iso-8859-1", "; charset=iso-8859-1"), (b"\xef\xbb\xbf", "utf-8", "; charset=iso-8859-1")],
)
def test_a_byte_order_mark_outranks_the_charset_which_outranks_the_declaration(shop, mark, encoding, charset):
    _says("the `charset` of `Content-Type` outranks the XML declaration, and a byte order mark outranks both")
    declared = '<?xml version="1.0" encoding="windows-1252"?>' if charset else ""
    body = mark + (declared + goal_xml(Name="Räder")).encode(encoding)
    assert shop.post("/api/savings", body, media=f"application/xml{charset}").value("Name") == "Räder"


def test_documents_that_are_refused(shop):
    _says("Do not send a DOCTYPE: it is refused, as are entities and processing instructions.")
    for start in ("<!DOCTYPE SavingGoal>", "<?php x?>"):
        assert shop.post("/api/savings", start + goal_xml()).status == 400
    assert shop.post("/api/savings", goal_xml(Name="&nbsp;")).status == 400


def test_answers_are_not_for_caches_nor_for_browsers_elsewhere(shop):
    _says("Every answer says `Cache-Control: no-store`.")
    _says("there are no CORS headers")
    answer = shop.get("/api/savings", Origin="https://elsewhere.example")
    assert answer.headers["Cache-Control"] == "no-store"
    assert [name for name in answer.headers if name.lower().startswith("access-control")] == []


def test_json_as_it_may_be_sent(shop):
    _says('A document is the content of its element. You may also send it wrapped, `{"SavingGoal": {...}}`.')
    _says("so `1e2` is refused and `0.10` is exact")
    _says("A single one may be sent without the brackets.")
    _says('In a PATCH `"EndDate": null` takes the end date away.')
    content = {
        "ExternalItemId": "a",
        "Name": "b",
        "GoalAmount": 0.10,
        "EndDate": "2099-01-01",
        "PaymentProviders": {"PaymentProvider": {"ProviderName": "paypal", "Credentials": "c"}},
    }
    made = shop.post("/api/savings", json.dumps({"SavingGoal": content}), media="application/json")
    assert made.value("GoalAmount") == "0.10"
    body = json.dumps(content | {"GoalAmount": "?"}).replace('"?"', "1e2")
    assert shop.post("/api/savings", body, media="application/json").status == 400
    change = '{"EndDate": null, "RecordVersionNumber": "1"}'
    changed = shop.patch(_path(made.value("Id") or ""), change, media="application/json")
    assert (changed.status, changed.value("EndDate")) == (200, None)


def test_tags_differ_by_format_and_either_may_be_named(shop):
    _says("JSON and XML have different `ETag`s. Either may stand in `If-Match`.")
    goal = shop.new_goal()
    tags = [shop.get(_path(goal), Accept=media).headers["ETag"] for media in ("application/xml", "application/json")]
    assert tags[0] != tags[1]
    assert shop.call("DELETE", _path(goal), If_Match=tags[1]).status == 204


# --- Versions, ids, changes -------------------------------------------------------------------------------------------


def test_a_star_names_no_version_and_two_versions_must_both_fit(shop):
    _says("names no version: PUT and PATCH answer 428 where the body names none either")
    _says("With `RecordVersionNumber` and `If-Match` both must fit.")
    goal = shop.new_goal()
    tag = shop.get(_path(goal)).headers["ETag"]
    unnamed, named = (
        "<SavingGoal><Name>x</Name></SavingGoal>",
        "<SavingGoal><RecordVersionNumber>{}</RecordVersionNumber></SavingGoal>",
    )
    assert shop.patch(_path(goal), unnamed, If_Match="*").status == 428
    assert shop.patch(_path(goal), named.format(2), If_Match=tag).status == 409
    assert shop.patch(_path(goal), named.format(1), If_Match='"other"').status == 412
    assert shop.patch(_path(goal), named.format(1), If_Match=tag).status == 200


def test_ids_in_bodies(shop):
    _says("An `Id` in a PUT or PATCH must be the one in the path. In a POST it is ignored, and so is `RecordVersionNumber`.")
    mine = "2" * 22
    made = shop.post("/api/savings", goal_xml(Id=mine, RecordVersionNumber="7"))
    assert (made.status, made.value("RecordVersionNumber")) == (201, "1")
    assert made.value("Id") != mine
    assert shop.put(_path(made.value("Id") or ""), goal_xml(Id=mine, RecordVersionNumber="1")).status == 400


def test_put_resets_what_is_left_out_but_for_three_things(shop):
    _says("`StartingAmount` to 0, `EndDate`, `ConfirmationURL` and `CancelURL` to none. Three things stay as they are")
    full = {
        "StartingAmount": "5",
        "EndDate": "2099-01-01",
        "ConfirmationURL": "https://a.example",
        "CancelURL": "https://b.example",
    }
    goal = shop.new_goal(Currency="EUR", CapturePolicy="Manual", **full)
    without = "<PaymentProvider><ProviderName>PayPal</ProviderName></PaymentProvider>"
    put = shop.put(_path(goal), goal_xml(RecordVersionNumber="1", PaymentProviders=without))
    assert put.value("StartingAmount") == "0.00"
    assert [put.value(name) for name in ("EndDate", "ConfirmationURL", "CancelURL")] == [None, None, None]
    assert (put.value("Currency"), put.value("CapturePolicy")) == ("EUR", "Manual")
    assert SavingGoal.objects.get(public_id=goal).payment_accounts.get(retired_at=None).credentials == "anna@example.org"


def test_when_the_currency_can_change(shop):
    _says("The currency can change as long as the goal has never had a contribution.")
    _says("A PATCH that changes it must send `GoalAmount` again, and `StartingAmount` where that is not 0.")
    goal = shop.new_goal(StartingAmount="1")
    change = "<SavingGoal><Currency>JPY</Currency><RecordVersionNumber>1</RecordVersionNumber>{}</SavingGoal>"
    assert shop.patch(_path(goal), change.format("<GoalAmount>9</GoalAmount>")).status == 400
    both = "<GoalAmount>9</GoalAmount><StartingAmount>0</StartingAmount>"
    assert shop.patch(_path(goal), change.format(both)).status == 200
    shop.new_contribution(goal, Amount="1")
    back = change.replace("JPY", "USD").replace(">1<", ">2<").format(both)
    assert shop.patch(_path(goal), back).value("code") == "currency_is_fixed"


def test_other_partners_records_and_none_at_all(shop, rival):
    _says("answer 403 to every verb, records that never were 404")
    goal = shop.new_goal()
    assert [rival.call(verb, _path(goal), goal_xml()).status for verb in ("GET", "PUT", "PATCH", "DELETE")] == [403] * 4
    assert rival.get(_path("2" * 22)).status == 404


def test_a_key_that_met_a_refusal_can_be_used_again(shop):
    _says("does not use its key up")
    assert shop.post("/api/savings", "<SavingGoal/>", Idempotency_Key="k").status == 400
    assert shop.post("/api/savings", goal_xml(), Idempotency_Key="k").status == 201


def test_blanks(shop):
    _says("are kept exactly, blanks and line breaks included. Blanks round every other value are trimmed.")
    made = shop.post("/api/savings", goal_xml(Name=" A\nb ", ExternalItemId=" x ", GoalAmount="\n5 "))
    assert [made.value(name) for name in ("Name", "ExternalItemId", "GoalAmount")] == [" A\nb ", "x", "5.00"]


def test_end_dates(shop):
    _says("It comes back as a day or in UTC. An empty one takes it away.")
    made = shop.post("/api/savings", goal_xml(EndDate="2031-06-30T18:00:00+02:00"))
    assert made.value("EndDate") == "2031-06-30T16:00:00Z"
    gone = "<SavingGoal><EndDate/><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>"
    assert shop.patch(_path(made.value("Id") or ""), gone).value("EndDate") is None


def test_an_unknown_argument_is_refused(shop):
    _says("an argument that the path does not know is refused")
    assert shop.get("/api/savings?ExternalItem=x").status == 400


def test_a_contribution_cannot_be_changed(shop):
    _says("A contribution cannot be changed, only made, read and deleted.")
    gift = shop.new_contribution(shop.new_goal()).value("Id")
    assert [shop.call(verb, f"/api/Contribution/{gift}").status for verb in ("PUT", "PATCH", "POST")] == [405] * 3


LIMITS = {
    "a body": (65_536, lambda n: goal_xml() + " " * (n - len(goal_xml()))),
    "`Name`, `Contributor`, `ExternalItemId`, `Credentials`": (255, lambda n: goal_xml(Name="x" * n)),
    "`ConfirmationURL`, `CancelURL`": (2000, lambda n: goal_xml(CancelURL="https://a.example/".ljust(n, "x"))),
    "digits before the point": (12, lambda n: goal_xml(GoalAmount="9" * n)),
}


@pytest.mark.parametrize("what", LIMITS)
def test_a_limit_is_where_the_table_says(what, shop):
    most, body = LIMITS[what]
    ((_, shown),) = [row for row in _rows(_section(PARTNERS, "Limits")) if row[0] == what]
    assert int(shown.replace(",", "").split()[0]) == most
    assert [shop.post("/api/savings", body(number)).status // 100 for number in (most, most + 1)] == [2, 4]


# --- Gifts ------------------------------------------------------------------------------------------------------------


def test_a_goal_takes_gifts_after_it_is_reached_and_none_after_its_end(shop, giver):
    _says("goes on taking gifts. Set an `EndDate`, or delete it, to stop.")
    _says("An `EndDate` in the past is accepted, and stops at once.")
    goal = shop.new_goal(GoalAmount="10")
    for _ in range(2):
        giver.pay(shop.new_contribution(goal, Amount="10").value("ProviderURL"))
    assert shop.get(_path(goal)).value("CurrentAmount") == "20.00"
    ended = shop.new_goal(EndDate="2001-01-01")
    assert shop.post(f"{_path(ended)}/Contributions", contribution_xml()).status == 409


def test_a_giver_who_comes_back_without_having_approved_may_still_pay(shop, giver):
    _says("is sent to `CancelURL`, and the contribution stays `Submitted`: they may still pay")
    gift = shop.new_contribution(shop.new_goal(CancelURL="https://b.example/"))
    checkout = giver.checkout(gift.value("ProviderURL")).rpartition("/")[2]
    bounced = giver.visit(f"/providers/paypal/return/{gift.value('Id')}?token={checkout}")
    assert bounced.headers["Location"] == f"https://b.example/?Id={gift.value('Id')}"
    assert shop.get(gift.headers["Location"]).value("Status") == "Submitted"
    giver.pay(gift.value("ProviderURL"))
    assert shop.get(gift.headers["Location"]).value("Status") == "Settled"


def test_the_address_for_an_e_mail(shop, giver):
    _says("leads to a checkout](#3-send-the-giver) while the gift can be paid, and says how it stands when it cannot")
    _says("It may stand in an e-mail that is read tomorrow")
    gift = shop.new_contribution(shop.new_goal())
    pay = gift.value("ProviderURL")
    assert pay.endswith(f"/pay/{gift.value('Id')}")
    assert "/sandbox/checkout/" in giver.checkout(pay)
    giver.pay(pay)
    assert "Already given: thank you" in giver.visit(pay).text


def test_a_giver_who_was_declined_can_try_again(shop, giver):
    _says("**A giver who was declined, or who cancelled, can try again** at the same address")
    _says("If you want no second try, DELETE the contribution.")
    gift = shop.new_contribution(shop.new_goal())
    giver.pay(gift.value("ProviderURL"), "decline")
    giver.checkout(gift.value("ProviderURL"))
    assert shop.get(gift.headers["Location"]).value("Status") == "Submitted"
    assert [one.text for one in shop.get("/api/Events").xml.iter("Type")] == ["contribution.failed", "contribution.submitted"]
    assert shop.delete(gift.headers["Location"]).status == 204
    assert "Try again" not in giver.visit(gift.value("ProviderURL")).text


def test_our_own_pages_show_how_the_gift_stands_whichever_was_asked_for(shop, giver):
    _says("Each shows how the gift stands, whichever was asked for.")
    gift = shop.new_contribution(shop.new_goal())
    giver.pay(gift.value("ProviderURL"), "cancel")
    pages = [giver.visit(f"/{page}?Id={gift.value('Id')}").text for page in ("thank-you", "cancelled")]
    assert pages[0] == pages[1]
    assert "You cancelled" in pages[0]


def test_a_return_that_does_not_fit_changes_nothing(shop, giver):
    _says("answer 400 with a plain page where the token is not the checkout's, and change nothing")
    goal = shop.new_goal()
    mine, other = shop.new_contribution(goal), shop.new_contribution(goal)
    token = giver.choose(other.value("ProviderURL"), "approve").partition("token=")[2]
    for way in ("return", "cancel"):
        assert giver.visit(f"/providers/paypal/{way}/{mine.value('Id')}?token={token}").status == 400
    assert [shop.get(one.headers["Location"]).value("Status") for one in (mine, other)] == ["Submitted"] * 2


def test_the_page_of_problems_has_a_place_for_each_code(shop, giver):
    _says("lists the codes of [errors](#errors), and every problem's `type` points there")
    page = giver.visit("/problems").text
    refused = shop.get("/api/savings?limit=0")
    assert refused.value("type") == "http://give.example.test/problems#invalid_argument"
    assert 'id="invalid_argument"' in page


def test_a_giver_who_pays_what_was_deleted_is_not_charged(shop, giver):
    _says('From then on it answers 404, and Grandma, should she still press "Pay", is not charged.')
    goal = shop.new_goal()
    gift = shop.new_contribution(goal)
    checkout = giver.checkout(gift.value("ProviderURL"))
    assert shop.delete(f"/api/Contribution/{gift.value('Id')}").status == 204
    assert shop.get(f"/api/Contribution/{gift.value('Id')}").status == 404
    giver.pay(checkout)
    assert "This gift was withdrawn" in giver.visit(gift.value("ProviderURL")).text
    assert shop.get(_path(goal)).value("CurrentAmount") == "0.00"


def test_a_deleted_goal_cancels_what_is_open_and_keeps_what_is_settled(shop, giver):
    _says("the goal's contributions can still be read one by one at `/api/Contribution/{id}`")
    goal = shop.new_goal()
    settled, still_open = shop.new_contribution(goal), shop.new_contribution(goal)
    giver.pay(settled.value("ProviderURL"))
    assert shop.delete(_path(goal)).status == 204
    after = [shop.get(one.headers["Location"]) for one in (settled, still_open)]
    assert [one.value("Status") for one in after] == ["Settled", "Canceled"]
    assert after[1].value("StatusReason") == "goal_deleted"


def test_held_money_is_counted_apart_and_let_go_by_deleting(shop, giver):
    _says(
        "how held money is taken and when it is let go. It counts in the goal's `AuthorizedAmount`, not in its `CurrentAmount`."
    )
    for policy, becomes in _rows(_section(PARTNERS, "When the money is taken")):
        goal = shop.new_goal(CapturePolicy=_codes(policy)[0], GoalAmount="20")
        gift = shop.new_contribution(goal)
        giver.pay(gift.value("ProviderURL"))
        assert shop.get(gift.headers["Location"]).value("Status") == _codes(becomes)[0]
        if _codes(becomes) == ["Authorized"]:
            assert shop.get(_path(goal)).value("AuthorizedAmount") == "20.00"
            assert shop.delete(gift.headers["Location"]).status == 204
            totals = shop.get(_path(goal))
            assert (totals.value("AuthorizedAmount"), totals.value("CurrentAmount")) == ("0.00", "0.00")


def test_each_button_of_the_sandbox_does_what_its_row_says(shop, giver):
    rows = _rows(_section(PARTNERS, "The sandbox"))
    assert [_codes(row[1]) for row in rows] == [["approve"], ["pending"], ["decline"], ["cancel"]]
    urls = {"ConfirmationURL": "https://a.example/yes", "CancelURL": "https://a.example/no"}
    goal = shop.new_goal(**urls)
    for button, outcome, status, lands_at in rows:
        gift = shop.new_contribution(goal)
        page = giver.visit(giver.checkout(gift.value("ProviderURL"))).text
        assert re.search(rf'name="outcome" value="{_codes(outcome)[0]}">{button}', page)
        bounced = giver.pay(gift.value("ProviderURL"), _codes(outcome)[0])
        assert bounced.headers["Location"].startswith(urls[_codes(lands_at)[0]])
        assert shop.get(gift.headers["Location"]).value("Status") == _codes(status)[0]


def test_new_credentials_are_for_new_gifts_and_a_goal_with_two_providers_lets_the_giver_pick(shop):
    _says("New credentials are used for new gifts only.")
    _says("Where a goal has several providers, a contribution names one of them, or leaves it to the giver")
    goal = shop.new_goal()
    old = shop.new_contribution(goal)
    two = PAYPAL.replace("anna@", "other@") + PAYPAL.replace("PayPal", "aMaZon")
    assert shop.put(_path(goal), goal_xml(PaymentProviders=two, RecordVersionNumber="1")).status == 200
    new = shop.new_contribution(goal, ProviderName="PAYPAL")
    gifts = SavingGoal.objects.get(public_id=goal).contributions.all()
    accounts = {one.public_id: one.checkout.account.credentials for one in gifts}
    assert accounts == {old.value("Id"): "anna@example.org", new.value("Id"): "other@example.org"}
    left_open = shop.new_contribution(goal)
    assert left_open.xml.find("ProviderName") is None
    assert left_open.value("ProviderURL") == f"http://give.example.test/pay/{left_open.value('Id')}"


def test_without_the_sandbox_no_provider_is_offered(shop, settings):
    _says("elsewhere a goal with such a provider is refused with 400")
    settings.SANDBOX = False
    assert shop.post("/api/savings", goal_xml()).status == 400


# --- The log, of which docs/operators.md speaks -----------------------------------------------------------------------


@pytest.mark.django_db
def test_the_whole_guide_leaves_nothing_confidential_in_the_log(settings, caplog):
    settings.PUBLIC_BASE_URL, settings.ALLOWED_HOSTS = f"https://{HOST}", [HOST]
    reader = Reader()
    with caplog.at_level("DEBUG"):
        reader.follow(steps_of(ROOT / "docs" / "partners.md"), before=BEFORE)
    lines = "\n".join(JsonLines().format(record) for record in caplog.records if record.name != "django.db.backends")
    assert "contribution moved" in lines
    confidential = [reader.memory["key"], "anna@example.org", "Uncle Bob", "Ride well", "token="]
    assert [text for text in confidential if text in lines] == []
    assert timezone.now().strftime("%Y-") in lines
