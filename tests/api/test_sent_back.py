"""What GET gave can be sent back with PUT however many gifts it holds, in bounded memory."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from api.read_only import LARGEST_BODY_SENT_BACK, MOST_TOKENS_SKIPPED, without_members
from tests.api.in_json import GIFT, post
from tests.conftest import PartnerClient, contribution_xml, goal_xml, register
from tests.xml_schemas.answers import faults_of
from web.request_limits import LARGEST_BODY_BYTES
from xml_schemas.reader import BodyFaults, read_xml
from xml_schemas.skipping import MOST_TAGS_SKIPPED, without_elements

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = frozenset({"Contributions", "CurrentAmount"})
GIFTS = 51
"""One more than stand within a goal, so that there is a Next as well."""


@pytest.fixture(scope="module")
def shop(module_db):
    with module_db():
        return PartnerClient(register("Anna's Shop").api_key)


@pytest.fixture(scope="module", params=["plain", "escaped"])
def busy_goal(request, module_db, shop):
    """A goal with as many gifts as stand within one, of long messages."""
    message = "x" * 1120 if request.param == "plain" else "&amp;&lt;\u202e\U0001f6b2" * 400 + "--&gt;]]&gt;"
    with module_db():
        goal = shop.new_goal()
        for _ in range(GIFTS):
            shop.new_contribution(goal, Message=message, Contributor='"}]&gt;')
    return f"/api/SavingGoal/{goal}"


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
@pytest.mark.parametrize("media", ["application/xml", "application/json"])
def test_a_goal_of_50_long_gifts_can_be_sent_back(shop, busy_goal, media, verb):
    got = shop.get(busy_goal, Accept=media)
    assert len(got.body) > LARGEST_BODY_BYTES
    back = shop.call(verb, busy_goal, got.body, media=media, Accept=media)
    assert back.status == 200, back.text
    version, after = re.compile(rb'(RecordVersionNumber(?:>|": ))1(\D+RecordOwner)'), {"PUT": 2, "PATCH": 1}[verb]
    assert version.sub(rb"\g<1>%d\2" % after, got.body) == back.body, "nothing has changed but, by PUT, the goal's version"
    again = json.dumps(got.json | {"RecordVersionNumber": after}, indent=8) if media == "application/json" else None
    if again:
        assert shop.call(verb, busy_goal, json.dumps({"SavingGoal": json.loads(again)}, indent=4), media=media).status == 200


def test_what_is_not_read_only_counts_as_before(shop, goal):
    path = f"/api/SavingGoal/{goal}"
    gifts = "<Contributions>" + contribution_xml() * 800 + "</Contributions>"
    large = goal_xml(RecordVersionNumber="1", Name="x" * LARGEST_BODY_BYTES)
    for body in (
        large,
        large.replace("<Name>", f"{gifts}<Name>"),
        gifts.replace("Contributions", "Gifts").join(["<a>", "</a>"]),
    ):
        refused = shop.put(path, body)
        assert (refused.status, refused.value("code")) == (413, "body_too_large")
    assert shop.post("/api/savings", goal_xml().replace("<Name>", f"{gifts}<Name>")).status == 413
    listed = post(shop, f"{path}/Contributions", GIFT | {"Message": "x" * LARGEST_BODY_BYTES})
    assert listed.status == 413
    for media in ("application/xml", "application/json"):
        assert shop.put(path, " " * (LARGEST_BODY_SENT_BACK + 1), media=media).status == 413
    assert shop.put(path, goal_xml(RecordVersionNumber="1").replace("<Name>", f"{gifts}<Name>")).status == 200


def test_faults_keep_their_lines_in_a_body_that_is_cut(shop, goal):
    gifts = "<Contributions>\n" + (contribution_xml() + "\n") * 800 + "</Contributions>\n"
    refused = shop.put(f"/api/SavingGoal/{goal}", goal_xml(Nonsense="x").replace("<Name>", f"{gifts}<Name>"))
    assert [(path, line) for path, line, _ in faults_of(refused)] == [("SavingGoal/Nonsense", 803)]
    in_json = json.dumps({"Contributions": {"Contribution": [GIFT] * 800}}, indent=1)[:-2] + ',\n "Name": x}'
    refused = shop.put(f"/api/SavingGoal/{goal}", in_json, media="application/json")
    assert [line for _, line, _ in faults_of(refused)] == [in_json.count("\n") + 1]


XML_CUT = (
    ("<a><Contributions><b/></Contributions><c/></a>", "<a><Contributions></Contributions><c/></a>"),
    ("<a><Contributions/><c/></a>", "<a><Contributions/><c/></a>"),
    ("<a><b><Contributions>x</Contributions></b></a>", "<a><b><Contributions>x</Contributions></b></a>"),
    ('<a><Contributions x=">" y="/>"><!-- </Contributions> --></Contributions>2</a>',
     '<a><Contributions x=">" y="/>"></Contributions>2</a>'),
    ("<a><Contributions><![CDATA[</Contributions>]]>\n\n</Contributions></a>", "<a><Contributions>\n\n</Contributions></a>"),
    ("<a><Contributions><Contributions>1</Contributions>2</Contributions>3</a>", "<a><Contributions></Contributions>3</a>"),
    ("<?xml version='1.0'?><!-- <a> --><a><CurrentAmount >5</CurrentAmount ></a>",
     "<?xml version='1.0'?><!-- <a> --><a><CurrentAmount ></CurrentAmount ></a>"),
    ("<Contributions><b>1</b></Contributions>", "<Contributions><b>1</b></Contributions>"),
)  # fmt: skip


@pytest.mark.no_database
@pytest.mark.parametrize(("body", "rest"), XML_CUT)
def test_elements_are_cut_where_they_begin_and_end(body, rest):
    assert without_elements(body.encode(), NAMES) == rest.encode()
    read_xml(rest.encode())


@pytest.mark.no_database
@pytest.mark.parametrize(
    "body",
    [
        "<a><Contributions></a></Contributions>", "<a><Contributions><!DOCTYPE a><b/></Contributions></a>", "</a>",
        "<a><b c='<'/></a>",
        "<a><Contributions><!-- x</Contributions></a>", "<a " + "<" * 100_000, "<a b='" * 30_000, "<!--" * 30_000, "<a>" * 100,
        "<a>" + "<b/>" * (MOST_TAGS_SKIPPED + 1),
    ],
    ids=range(10),
)  # fmt: skip
def test_what_is_not_well_formed_is_a_fault_at_once(body):
    with pytest.raises(BodyFaults) as refusal:
        without_elements(body.encode(), NAMES)
    assert len(refusal.value.faults) == 1


JSON_CUT = (
    ('{"Contributions": {"a": [1, "]}"]},\n"b": 1}', '{"Contributions": null,\n"b": 1}'),
    ('{"SavingGoal": {"Contributions" : [{}\n],"b": {"Contributions": {}}}}',
     '{"SavingGoal": {"Contributions" : null\n,"b": {"Contributions": {}}}}'),
    ('{"Name": "\\"Contributions\\": {", "CurrentAmount": "5"}', '{"Name": "\\"Contributions\\": {", "CurrentAmount": "5"}'),
    ('["Contributions", {"Contributions": {"a": 1}}]', '["Contributions", {"Contributions": {"a": 1}}]'),
)  # fmt: skip


@pytest.mark.no_database
@pytest.mark.parametrize(("body", "rest"), JSON_CUT)
def test_members_are_cut_where_they_begin_and_end(body, rest):
    assert without_members(body.encode(), "SavingGoal", NAMES).decode() == rest
    json.loads(rest)


@pytest.mark.no_database
@pytest.mark.parametrize(
    "body", ['{"a": "' + '\\"' * 100_000, "[" * 100, "[" + "[]," * MOST_TOKENS_SKIPPED + "1]"], ids=range(3)
)
def test_json_that_nobody_means_is_a_fault_at_once(body):
    with pytest.raises(BodyFaults) as refusal:
        without_members(body.encode(), "SavingGoal", NAMES)
    assert len(refusal.value.faults) == 1


PEAK = """
import resource, sys
from api.read_only import LARGEST_BODY_SENT_BACK, without_read_only
from xml_schemas.reader import BodyFaults
begin, unit, end, media = BODIES[sys.argv[1]]
body = (begin + unit * ((LARGEST_BODY_SENT_BACK - len(begin) - len(end)) // len(unit)) + end).encode()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    print(len(without_read_only(body, media, "SavingGoal", frozenset({"Contributions"}))))
except BodyFaults as refusal:
    print(refusal)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
LARGE = {
    "tags": ("<a><Contributions>", "<b/>", "</Contributions></a>", "application/xml"),
    "attributes": ("<a><Contributions><b ", "c='' ", "/></Contributions></a>", "application/xml"),
    "text": ("<a><Contributions>", "text ", "</Contributions></a>", "application/xml"),
    "arrays": ('{"Contributions": [', "[],", "1]}", "application/json"),
    "a string": ('{"Contributions": ["', "text ", '"]}', "application/json"),
    "numbers": ('{"Contributions": [', "1,", "1]}", "application/json"),
}


@pytest.mark.no_database
@pytest.mark.parametrize("kind", LARGE)
def test_a_large_body_takes_little_more_than_its_bytes(kind):
    """A process for each: lxml would take 1 GB for the tags alone."""
    program = f"BODIES = {LARGE!r}\n{PEAK}"
    command = [sys.executable, "-c", program, kind]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    *_, mebibytes = done.stdout.split("\n")[:-1]
    assert float(mebibytes) < 20, done.stdout
