"""What a client may say of a gift: kept exactly, read in both formats, refused with a sentence, shown in every place."""

import json

import pytest

from goals.models import SavingGoal
from notifications.models import Event
from providers.sandbox.adapter import SandboxProvider
from tests.conftest import contribution_xml
from tests.xml_schemas.answers import as_json, check_fits_both_schemas, in_both_formats, sentences_of

pytestmark = pytest.mark.django_db

SAID = {
    "Reference": "order-4711",
    "Memo": "A bell for Anna",
    "Anonymous": True,
    "ConfirmationURL": "https://shop.example/thanks?gift=7",
    "CancelURL": "https://shop.example/oh",
    "Language": "pt-BR",
    "Metadata": {"Item": [{"Name": "campaign", "Value": "spring"}, {"Name": " till ", "Value": " 4\n"}]},
}


def post(shop, goal, gift):
    body = json.dumps({"Amount": "20.00", "Contributor": "Uncle Bob"} | gift, ensure_ascii=False)
    return shop.post(f"/api/SavingGoal/{goal}/Contributions", body, media="application/json", Accept="application/json")


def items(*pairs):
    return "".join(f"<Item><Name>{name}</Name><Value>{value}</Value></Item>" for name, value in pairs)


def test_what_is_said_of_a_gift_comes_back_everywhere(shop, giver, goal):
    """In the answer, alone, in the list, within the goal and in the event; XML says what JSON says."""
    made = post(shop, goal, SAID)
    assert made.status == 201, made.text
    assert {name: made.json.get(name) for name in SAID} == SAID
    alone = in_both_formats(shop, f"/api/Contribution/{made.json['Id']}")
    assert as_json(alone.xml) == made.json
    for path in (f"/api/SavingGoal/{goal}/Contributions", f"/api/SavingGoal/{goal}"):
        assert as_json(in_both_formats(shop, path).xml.find(".//Contribution")) == made.json
    giver.pay(made.json["ProviderURL"], "approve")
    told = json.loads(Event.objects.get(type="contribution.settled").content)
    assert {name: told[name] for name in SAID} == SAID
    assert told == shop.get(f"/api/Contribution/{made.json['Id']}", Accept="application/json").json


def test_what_is_not_said_is_not_there(shop, goal):
    made = post(shop, goal, {"Anonymous": False, "ConfirmationURL": "", "Metadata": {"Item": []}, "Memo": None})
    assert made.status == 201, made.text
    assert not {*SAID, "ProviderReference", "Fee", "Net", "PlatformFee", "SettledDate"} & {*made.json}


@pytest.mark.parametrize("word", ["true", "1", True])
def test_a_truth_value_is_read_as_xml_schema_writes_it(shop, goal, word):
    assert post(shop, goal, {"Anonymous": word}).json["Anonymous"] is True


def test_read_only_elements_of_a_gift_are_ignored(shop, goal):
    made = post(shop, goal, {"ProviderReference": "x", "Fee": "1.00", "Net": "y", "PlatformFee": "z", "SettledDate": "never"})
    assert made.status == 201
    assert "Fee" not in made.json


def test_metadata_is_kept_exactly_up_to_its_limits(shop, goal):
    """20 Items, names of 40 and values of 500 characters, blanks and whatever XML can carry included."""
    longest = [{"Name": f"{number:02} " + "🚲" * 37, "Value": "&<\t é" + "🚲" * 495} for number in range(20)]
    first = {"Metadata": {"Item": longest}}
    made = post(shop, goal, first)
    assert made.status == 201, made.text[:500]
    told = in_both_formats(shop, f"/api/Contribution/{made.json['Id']}")
    assert as_json(told.xml.find("Metadata"))["Item"] == longest
    one = post(shop, goal, {"Metadata": {"Item": {"Name": "a", "Value": ""}}})
    assert one.json["Metadata"] == {"Item": [{"Name": "a", "Value": ""}]}


@pytest.mark.parametrize(
    ("inner", "sentence"),
    [
        (items(*((number, "x") for number in range(21))), "Metadata must have at most 20 Items; it has 21."),
        (items(("n" * 41, "x")), "Name must have 1 to 40 characters; it has 41."),
        (items(("", "x")), "Name must have 1 to 40 characters; it has 0."),
        (items(("a", "x" * 501)), "Value must have 0 to 500 characters; it has 501."),
        (items(("a", "1"), ("a", "2")), "a stands here twice: give each Name once."),
        ("<Item><Name>a</Name></Item>", "Value is missing: it is required here."),
        ("<Item><Name><b/></Name><Value/></Item>", "Name must hold a text, no further elements."),
        ("<Items/>", "Items is not an element of Metadata; did you mean Item?"),
        ("loose", "Metadata holds elements, and no text of its own."),
    ],
)
def test_metadata_that_does_not_fit_is_refused(shop, goal, inner, sentence):
    made = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(Metadata=inner))
    assert sentence in sentences_of(made)


@pytest.mark.parametrize("metadata", ["x", 5, True, {"Item": "x"}, {"Item": [5]}, {"Item": [{"Name": 1, "Value": "x"}]}])
def test_metadata_of_another_shape_is_refused(shop, goal, metadata):
    assert sentences_of(post(shop, goal, {"Metadata": metadata}))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("Reference", " ", "Reference must have 1 to 255 characters; it has 0."),
        ("Reference", "r" * 256, "Reference must have 1 to 255 characters; it has 256."),
        ("Memo", "m" * 128, "Memo must have 0 to 127 characters; it has 128."),
        ("Anonymous", "yes", "Anonymous must be true or false."),
        ("Language", "de_DE", "Language must be a BCP 47 tag of at most 35 characters, such as de, pt-BR or zh-Hant."),
        ("ConfirmationURL", "/thanks", "ConfirmationURL must be an absolute address such as https://shop.example/thanks."),
        ("CancelURL", "https://a@shop.example/", "CancelURL must not hold a user name or password."),
        ("Message", True, "Message must be a string."),
        ("Anonymous", 1, "Anonymous must be true or false."),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(shop, goal, name, value, sentence):
    assert sentences_of(post(shop, goal, {name: value})) == [sentence]


def test_a_gifts_own_addresses_are_on_the_partners_hosts(shop, goal):
    SavingGoal.objects.get(public_id=goal).partner.redirect_hosts.create(host="shop.example")
    refused = post(shop, goal, {"CancelURL": "https://other.example/"})
    assert "has registered for redirects" in sentences_of(refused)[0]
    assert post(shop, goal, {"CancelURL": "https://shop.example/"}).status == 201


@pytest.mark.parametrize(
    "tag",
    ["de", "DE", "pt-BR", "zh-Hant-HK", "es-419", "sl-rozaj-biske-1994", "de-CH-x-phonebk", "en-u-ca-buddhist", "cel-gaulish"],
)
def test_a_bcp_47_tag_is_kept_as_it_was_given(shop, goal, tag):
    made = post(shop, goal, {"Language": f" {tag}\n"})
    assert made.json["Language"] == tag
    check_fits_both_schemas(shop.get(f"/api/Contribution/{made.json['Id']}").body)


@pytest.mark.parametrize(
    "tag",
    ["", "d", "de-", "-de", "de--DE", "deutsch-land-", "de-DE-DE", "a-de", "de-x", "dé", "de\u212a", "d" * 36, "en-u", "12"],
)
def test_what_is_no_bcp_47_tag_is_refused(shop, goal, tag):
    assert len(sentences_of(post(shop, goal, {"Language": tag}))) == 1


def test_the_same_gift_under_one_key_is_made_once(shop, goal):
    """A gift whose first try stopped half-way keeps what was said then."""
    body = contribution_xml(Reference="r-1", Memo="A bell")
    first = shop.post(f"/api/SavingGoal/{goal}/Contributions", body, Idempotency_Key="k")
    again = shop.post(f"/api/SavingGoal/{goal}/Contributions", body, Idempotency_Key="k")
    assert first.body == again.body
    assert again.value("Reference") == "r-1"


def test_a_memo_and_a_language_reach_the_provider(shop, goal, monkeypatch):
    """Without a Memo the provider shows what the gift is for."""
    asked = []
    opens = SandboxProvider.open_checkout
    monkeypatch.setattr(
        SandboxProvider, "open_checkout", lambda self, order, **named: asked.append(order) or opens(self, order, **named)
    )
    for said in ({"Memo": "A bell for Anna", "Language": "pt-BR"}, {}):
        assert post(shop, goal, said).status == 201
    told = [(one.description, one.language) for one in asked]
    assert told == [("A bell for Anna", "pt-BR"), ("Gift for A bicycle for Anna", "")]
