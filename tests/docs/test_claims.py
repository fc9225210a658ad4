"""What the partners' guide says in sentences and tables, asked of the service."""

import re

import pytest
from django.utils import timezone

from config.log_lines import JsonLines
from tests.conftest import PartnerClient, contribution_xml, goal_xml, register
from tests.docs.examples import steps_of
from tests.docs.pages_and_code import PARTNERS, STORY, codes_in, rows_of, section_of
from tests.docs.running import HOST, Reader
from tests.docs.test_faults import has_test
from tests.docs.test_partners_guide import BEFORE


def _says(sentence: str) -> None:
    """The guide says so; where it is rewritten, the test is to be looked at again."""
    assert sentence in re.sub(r"\s+", " ", PARTNERS), sentence


def _path(goal: str) -> str:
    return f"/api/SavingGoal/{goal}"


# --- What another test shows already ----------------------------------------------------------------------------------

SHOWN_ELSEWHERE = {
    "Paths are case-sensitive; names of query arguments are not. A slash at the end of an API path is accepted.": (
        "web/test_problems.py::test_a_path_that_is_not_there_is_a_problem_document",
        "api/test_oddities_of_2011.py::test_a_goal_is_found_by_id_in_any_case_of_the_argument",
        "api/test_matrix.py::test_a_slash_at_the_end_of_a_path_is_accepted",
    ),
    "`Authorization: Bearer {key}` (or `Authorization: ApiKey {key}`)": (
        "api/test_authentication.py::test_a_key_in_the_header",
    ),
    "The operator can turn the argument off.": ("api/test_authentication.py::test_the_query_can_be_closed_to_keys",),
    "The `ETag` of a goal changes with everything that you can see in it, each of its contributions included": (
        "api/test_polling.py::test_the_tag_changes_with_all_and_the_version_with_edits",
    ),
    "`X-HTTP-Method-Override` is ignored.": ("api/test_matrix.py::test_the_owner_gets_what_the_path_has_and_405_for_the_rest",),
    "Without `Accept` you get XML, or JSON for a JSON body. `Accept: text/xml` alone gets `text/xml`.": (
        "web/test_negotiation.py::test_xml_is_the_default_and_json_comes_when_asked_for",
        "api/test_lenient_in.py::test_json_without_accept_is_answered_in_json",
        "api/test_lenient_in.py::test_a_client_that_takes_only_text_xml_gets_it",
    ),
    "that does not begin with `<`, or as `application/merge-patch+json`, is a 415. `?format=` outranks `Accept`.": (
        "web/test_negotiation.py::test_another_content_type_or_charset_is_refused",
        "api/test_lenient_in.py::test_what_is_no_xml_under_no_type_is_refused",
        "web/test_negotiation.py::test_the_format_argument_outranks_accept",
    ),
    "Elements have no namespace and take no attributes but `xsi:nil` (`xsi:schemaLocation` is ignored).": (
        "api/records/test_reading.py::test_attributes_are_not_known_anywhere",
        "api/test_lenient_values.py::test_xsi_nil_is_as_if_the_element_were_left_out",
        "api/records/test_reading.py::test_namespace_declarations_and_schema_hints_do_no_harm",
        "api/records/test_reading.py::test_elements_may_come_in_any_order_with_comments_and_cdata",
    ),
    "the `charset` of `Content-Type` outranks the XML declaration, and a byte order mark outranks both": (
        "xml_schemas/test_encodings.py::test_mark_outranks_content_type_outranks_declaration",
    ),
    "Do not send a DOCTYPE: it is refused, as are entities and processing instructions.": (
        "xml_schemas/test_reader.py::test_a_doctype_is_refused_whatever_it_says",
        "xml_schemas/test_reader.py::test_a_processing_instruction_is_refused_wherever_it_stands",
    ),
    "Every answer says `Cache-Control: no-store`.": (
        "web/test_problems.py::test_every_answer_carries_the_headers_that_protect_it",
    ),
    "there are no CORS headers": ("web/test_problems.py::test_another_sites_script_is_not_let_in",),
    'A document is the content of its element. You may also send it wrapped, `{"SavingGoal": {...}}`.': (
        "api/test_json_reader.py::test_a_document_may_be_wrapped_in_its_name_or_bare",
    ),
    "so `1e2` is refused and `0.10` is exact": (
        "api/records/test_json.py::test_a_number_is_taken_as_it_is_written_digit_for_digit",
        "api/records/test_json.py::test_a_number_that_is_no_amount_is_refused_never_rounded",
    ),
    "A single one may be sent without the brackets, and the array without the object that holds it": (
        "api/test_json_reader.py::test_a_single_provider_may_stand_without_its_list",
        "api/test_lenient_values.py::test_a_bare_array_is_read_as_the_object_that_holds_it",
    ),
    'In a PATCH `"EndDate": null` takes the end date away.': (
        "api/records/test_json.py::test_null_in_a_patch_empties_what_may_be_empty",
    ),
    "JSON and XML have different `ETag`s. Either may stand in `If-Match`.": (
        "api/test_polling.py::test_two_formats_of_one_record_have_two_tags",
        "api/test_conditions.py::test_a_tag_is_enough_whichever_format_it_came_from",
    ),
    "names no version: PUT and PATCH answer 428 where the body names none either": (
        "api/test_conditions.py::test_a_change_that_names_no_version_is_428_and_tells_it",
    ),
    "With `RecordVersionNumber` and `If-Match` both must fit.": (
        "api/test_conditions.py::test_with_a_number_and_a_tag_both_must_fit",
    ),
    "An `Id` in a PUT or PATCH must be the one in the path. In a POST it is ignored, and so is `RecordVersionNumber`.": (
        "api/records/test_goal.py::test_an_id_in_the_body_must_be_the_one_in_the_path",
        "api/test_oddities_of_2011.py::test_what_is_written_into_read_only_elements_is_ignored",
    ),
    "`StartingAmount` to 0, `EndDate`, `ConfirmationURL` and `CancelURL` to none. Some things stay as they are": (
        "goals/test_goals.py::test_a_put_replaces_and_resets_what_it_leaves_out",
    ),
    "The currency can change as long as the goal has never had a contribution.": (
        "goals/test_goals.py::test_the_currency_can_change_until_the_first_gift",
        "goals/test_goals.py::test_the_currency_is_fixed_once_a_contribution_exists",
    ),
    "A PATCH that changes it must send `GoalAmount` again, and `StartingAmount` where that is not 0.": (
        "api/records/test_rules.py::test_a_patch_of_the_currency_states_the_amounts_again",
    ),
    "answer 403 to every verb, records that never were 404": (
        "api/test_matrix.py::test_a_foreign_record_is_403_whatever_the_verb",
        "api/test_matrix.py::test_a_record_that_never_was_is_404_whatever_the_verb",
    ),
    "does not use its key up": ("api/test_idempotency.py::test_a_refused_request_does_not_use_its_key_up",),
    "are kept exactly, blanks and line breaks included. Blanks round every other value are trimmed.": (
        "api/test_oddities_of_2011.py::test_blanks_round_names_and_messages_are_kept",
        "api/test_oddities_of_2011.py::test_blanks_round_values_are_trimmed",
    ),
    "It comes back as a day or in UTC. An empty one takes it away.": (
        "api/records/test_writing.py::test_an_end_date_is_a_day_or_a_moment_in_utc_as_given",
        "api/test_idempotency.py::test_a_goal_that_had_ended_may_be_given_to_once_it_goes_on",
    ),
    "an argument that the path does not know is refused": ("api/test_paging.py::test_every_path_refuses_an_unknown_argument",),
    "A contribution cannot be changed, only made, read and deleted.": (
        "api/test_matrix.py::test_the_owner_gets_what_the_path_has_and_405_for_the_rest",
    ),
    "The contribution stays `Submitted`: they may still pay": (
        "contributions/test_the_givers_way.py::test_a_return_link_without_approval_takes_nothing",
        "pages/test_a_provider_that_lags.py::test_where_no_news_comes_a_page_of_ours_says_so",
    ),
    "answer 400 with a plain page where the token is not the checkout's, and change nothing": (
        "contributions/test_the_givers_way.py::test_a_wrong_token_changes_nothing_and_asks_nobody",
    ),
    'From then on it answers 404, and Grandma, should she still press "Pay", is not charged.': (
        "contributions/test_deletion.py::test_a_submitted_gift_is_cancelled_and_gone_for_its_owner",
        "contributions/test_the_givers_way.py::test_of_what_the_client_deleted_nothing_is_taken",
    ),
    "the goal's contributions can still be read one by one at `/api/Contribution/{id}`": (
        "contributions/test_deletion.py::test_a_deleted_goal_cancels_lets_go_and_keeps",
    ),
    "New credentials are used for new gifts only.": ("goals/test_goals.py::test_a_gift_under_way_keeps_its_credentials",),
    "Where a goal has several providers, a contribution names one of them, or leaves it to the giver": (
        "api/records/test_goal.py::test_a_contribution_names_one_of_its_goals_providers",
    ),
    "lists the codes of [errors](errors.md). Every problem's `type` is the address of the code's page in this guide": (
        "web/test_problems.py::test_the_address_in_type_explains_every_code",
        "api/records/test_reading.py::test_the_problem_document_in_xml_is_that_of_rfc_9457",
    ),
}


@pytest.mark.no_database
@pytest.mark.parametrize("sentence", SHOWN_ELSEWHERE, ids=lambda sentence: sentence[:40])
def test_a_sentence_of_the_guide_has_its_test(sentence):
    _says(sentence)
    for named in SHOWN_ELSEWHERE[sentence]:
        assert has_test(*f"tests/{named}".split("::", 1)), named


# --- Addresses and formats --------------------------------------------------------------------------------------------


def test_every_get_can_be_a_head(shop, giver):
    _says("HEAD works wherever GET does.")
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
    assert shop.call("HEAD", way_back).status == 200


LIMITS = {
    "a body": (65_536, lambda n: goal_xml() + " " * (n - len(goal_xml()))),
    "`Name`, `Contributor`, `ExternalItemId`, `Credentials`": (255, lambda n: goal_xml(Name="x" * n)),
    "`ConfirmationURL`, `CancelURL`": (2000, lambda n: goal_xml(CancelURL="https://a.example/".ljust(n, "x"))),
    "digits before the point": (12, lambda n: goal_xml(GoalAmount="9" * n)),
}


@pytest.mark.parametrize("what", LIMITS)
def test_a_limit_is_where_the_table_says(what, shop):
    most, body = LIMITS[what]
    ((_, shown),) = [row for row in rows_of(section_of(PARTNERS, "Limits")) if row[0] == what]
    assert int(shown.replace(",", "").split()[0]) == most
    assert [shop.post("/api/savings", body(number)).status // 100 for number in (most, most + 1)] == [2, 4]


# --- Gifts ------------------------------------------------------------------------------------------------------------


def test_a_goal_takes_gifts_once_reached_and_none_once_ended(shop, giver):
    _says("`Close` it, set an `EndDate`, or delete it, to stop.")
    _says("An `EndDate` in the past is accepted, and stops at once.")
    goal = shop.new_goal(GoalAmount="10")
    for _ in range(2):
        giver.pay(shop.new_contribution(goal, Amount="10").value("ProviderURL"))
    assert shop.get(_path(goal)).value("CurrentAmount") == "20.00"
    ended = shop.new_goal(EndDate="2001-01-01")
    assert shop.post(f"{_path(ended)}/Contributions", contribution_xml()).status == 409


def test_the_address_for_an_e_mail(shop, giver):
    _says("leads to a checkout](index.md#3-send-the-giver) while the gift can be paid, and says how it stands when it cannot")
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
    told = [one.text.partition(".")[2] for one in shop.get("/api/Events").xml.iter("Type")]
    assert told == ["submitted", "failed", "submitted"]
    assert shop.delete(gift.headers["Location"]).status == 204
    assert "Try again" not in giver.visit(gift.value("ProviderURL")).text


def test_both_of_our_own_pages_show_how_the_gift_stands(shop, giver):
    _says("Each shows how the gift stands, whichever was asked for.")
    gift = shop.new_contribution(shop.new_goal())
    giver.pay(gift.value("ProviderURL"), "cancel")
    pages = [giver.visit(f"/{page}?Id={gift.value('Id')}").text for page in ("thank-you", "cancelled")]
    assert pages[0] == pages[1]
    assert "You cancelled" in pages[0]


def test_held_money_is_counted_apart_and_let_go_by_deleting(shop, giver):
    _says(
        "how held money is taken and when it is let go. It counts in the goal's `AuthorizedAmount`, not in its `CurrentAmount`."
    )
    for policy, becomes in rows_of(section_of(PARTNERS, "When the money is taken")):
        goal = shop.new_goal(CapturePolicy=codes_in(policy)[0], GoalAmount="20")
        gift = shop.new_contribution(goal)
        giver.pay(gift.value("ProviderURL"))
        assert shop.get(gift.headers["Location"]).value("Status") == codes_in(becomes)[0]
        if codes_in(becomes) == ["Authorized"]:
            assert shop.get(_path(goal)).value("AuthorizedAmount") == "20.00"
            assert shop.delete(gift.headers["Location"]).status == 204
            totals = shop.get(_path(goal))
            assert (totals.value("AuthorizedAmount"), totals.value("CurrentAmount")) == ("0.00", "0.00")


def test_each_button_of_the_sandbox_does_what_its_row_says(shop, giver):
    rows = rows_of(section_of(PARTNERS, "The sandbox"))
    assert [codes_in(row[1]) for row in rows] == [["approve"], ["pending"], ["decline"], ["cancel"]]
    urls = {"ConfirmationURL": "https://a.example/yes", "CancelURL": "https://a.example/no"}
    goal = shop.new_goal(**urls)
    for button, outcome, status, lands_at in rows:
        gift = shop.new_contribution(goal)
        page = giver.visit(giver.checkout(gift.value("ProviderURL"))).text
        assert re.search(rf'name="outcome" value="{codes_in(outcome)[0]}">{button}', page)
        bounced = giver.pay(gift.value("ProviderURL"), codes_in(outcome)[0])
        assert bounced.headers["Location"].startswith(urls[codes_in(lands_at)[0]])
        assert shop.get(gift.headers["Location"]).value("Status") == codes_in(status)[0]


def test_a_live_key_is_offered_no_provider_without_keys(db):
    _says("elsewhere a goal with such a provider is refused with 400")
    assert PartnerClient(register("Live Shop", is_test=False).api_key).post("/api/savings", goal_xml()).status == 400


# --- The log, of which docs/operators.md speaks -----------------------------------------------------------------------


@pytest.mark.django_db
def test_the_whole_guide_leaves_nothing_confidential_in_the_log(settings, caplog):
    settings.PUBLIC_BASE_URL, settings.ALLOWED_HOSTS = f"https://{HOST}", [HOST]
    reader = Reader()
    with caplog.at_level("DEBUG"):
        reader.follow([step for page in STORY for step in steps_of(page)], before=BEFORE)
    lines = "\n".join(JsonLines().format(record) for record in caplog.records if record.name != "django.db.backends")
    assert "contribution moved" in lines
    confidential = [reader.memory["key"], "anna@example.org", "Uncle Bob", "Ride well", "token="]
    assert [text for text in confidential if text in lines] == []
    assert timezone.now().strftime("%Y-") in lines
