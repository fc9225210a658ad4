"""The OpenAPI description: it is valid, it is complete, and what it says by hand is what the service does."""

import json
import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api import errors, urls
from api.openapi import parameters, refusals, words
from api.openapi.description import describe
from api.openapi.operations import OPERATIONS, TAGS
from api.openapi.routes import routes
from api.openapi.tables import TABLES
from tests.api.conftest import new_canary_shop
from xml_schemas.definitions import Record, UnknownConstruct, _Reader, records

ADDRESS = "http://give.example.test"
SERVED = {f"{verb} {route.path}" for route in routes(urls.urlpatterns) for verb in route.verbs}


@pytest.fixture(scope="module")
def document():
    return describe(urls.urlpatterns, ADDRESS)


@pytest.fixture(scope="module")
def canary_shop(module_db):
    with module_db():
        return new_canary_shop()


def elements_in(record, seen):
    """Record/Element of everything that can stand in a record."""
    if record.name not in seen:
        seen.add(record.name)
        for part in record.parts:
            yield record.name, part.name
            if isinstance(part.holds, Record):
                yield from elements_in(part.holds, seen)
        yield from ((record.name, name) for name, _ in record.attributes)


def all_elements():
    seen = set()
    return [pair for record in records().values() for pair in elements_in(record, seen)]


# --- Complete ---------------------------------------------------------------------------------------------------------


def test_every_element_has_a_sentence():
    missing = [f"{record}/{name}" for record, name in all_elements() if not words.about_element(record, name)]
    assert missing == [], "write a sentence for each into ELEMENTS of api/openapi/words.py"
    known = {name for pair in all_elements() for name in ("/".join(pair), pair[1])}
    assert set(words.ELEMENTS) - known == set(), "nothing is called so any more: take it out of api/openapi/words.py"


def test_every_operation_is_described_and_is_served():
    assert SERVED - set(OPERATIONS) == set(), "write an Operation for each into OPERATIONS of api/openapi/operations.py"
    assert set(OPERATIONS) - SERVED == set(), "api/urls.py has no such path: take it out of api/openapi/operations.py"
    assert {one.tag for one in OPERATIONS.values()} == set(TAGS)


def test_every_record_that_is_read_has_its_table():
    bodies = {one.body for one in OPERATIONS.values() if one.body}
    assert bodies - set(TABLES) == set(), "name its elements in TABLES of api/openapi/tables.py"
    for name, table in TABLES.items():
        record = next(one for one in _all_records() if one.name == name)
        assert [one.name for one in table.elements] == [part.name for part in record.parts], name


def _all_records():
    stack, found = list(records().values()), {}
    while stack:
        record = stack.pop()
        if record.name not in found:
            found[record.name] = record
            stack += [part.holds for part in record.parts if isinstance(part.holds, Record)]
    return found.values()


def test_every_code_is_told_by_an_operation_or_by_none():
    every = {row.code for row in errors.every_row()}
    by_route = {f"{verb} {route.path}": (route, verb) for route in routes(urls.urlpatterns) for verb in route.verbs}
    told = {code for name, one in OPERATIONS.items() if name in by_route for code in refusals.codes_of(*by_route[name], one)}
    assert told - every == set(), "api/errors.py has no such code"
    missing = every - told - set(refusals.OF_NO_OPERATION)
    assert missing == set(), "put each among the refusals of the operations that tell it (api/openapi/operations.py)"
    assert told & set(refusals.OF_NO_OPERATION) == set()


def test_every_argument_and_header_has_a_sentence():
    used = {name for one in OPERATIONS.values() for name in one.arguments}
    assert used == set(parameters.ARGUMENTS), "ARGUMENTS of api/openapi/parameters.py has a line for each, and no other"
    in_paths = {name for route in routes(urls.urlpatterns) for name in route.parameters}
    assert in_paths == set(parameters.PATH), "PATH of api/openapi/parameters.py has a line for each, and no other"


# --- True -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SERVED))
def test_the_arguments_are_those_that_the_path_knows(canary_shop, name):
    """What a path says of an argument that it does not know names those that it does."""
    verb, path = name.split()
    shown = canary_shop
    ids = {"goal_id": shown.goal_id, "contribution_id": shown.contribution_id, "event_id": shown.event_id}
    ids |= {"account_id": shown.account_id, "endpoint_id": shown.endpoint_id, "kind": "xsd"}
    ids |= {"rehearsal_id": shown.rehearsal_id, "giver_id": shown.giver_id, "permission_id": shown.permission_id}
    ids |= {"matcher_id": shown.matcher_id, "certificate_id": shown.certificate_id}
    ids["pledge_id"] = shown.pledge_id
    address = re.sub(r"{(\w+)}", lambda found: ids[found[1]], path)
    answer = shown.client.call(verb, f"{address}?NoSuchArgument=1", Accept="application/json")
    assert (answer.status, answer.json["code"]) == (400, "invalid_argument"), answer.text
    known = set(answer.json["detail"].partition("it knows ")[2].rstrip(".").split(", ")) - {"ApiKey", "format"}
    assert set(OPERATIONS[name].arguments) == known, f"write them into the arguments of {name} in api/openapi/operations.py"


@pytest.mark.no_database
@pytest.mark.full  # the validator takes five seconds for it
def test_the_description_is_valid_openapi(document):
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


@pytest.mark.no_database
def test_the_description_has_each_route_once(document):
    assert document["openapi"] == "3.1.0"
    ids = [one["operationId"] for item in document["paths"].values() for one in item.values() if "operationId" in one]
    assert len(ids) == len(set(ids)) == len(SERVED)
    text = json.dumps(document)
    assert '"description": ""' not in text
    assert '"summary": ""' not in text
    unused = [name for name in document["components"]["schemas"] if f'"#/components/schemas/{name}"' not in text]
    assert unused == []


@pytest.mark.no_database
def test_a_body_may_hold_what_the_tables_say(document):
    schemas = document["components"]["schemas"]
    new, answered = schemas["NewSavingGoal"], schemas["SavingGoal"]
    assert new["required"] == ["ExternalItemId", "Name", "GoalAmount", "PaymentProviders"]
    assert new["properties"]["CurrentAmount"]["readOnly"] is True
    assert "readOnly" not in new["properties"]["GoalAmount"]
    assert "required" not in schemas["SavingGoalChange"]
    assert schemas["SavingGoalChange"]["properties"]["EndDate"]["anyOf"][-1] == {"type": "null"}
    assert schemas["PaymentProviderInput"]["properties"]["Credentials"]["writeOnly"] is True
    assert "Credentials" not in schemas["PaymentProvider"]["properties"]
    assert answered["required"][:3] == ["Id", "ExternalItemId", "Name"]
    assert "EndDate" not in answered["required"]
    assert schemas["Savings"]["properties"]["Next"]["xml"] == {"attribute": True}
    assert schemas["MoneyAmount"]["pattern"] == r"^[0-9]{1,12}(\.[0-9]{1,4})?$"


def test_it_is_served_without_a_key(stranger, document):
    answer = stranger.get("/api/schema/openapi.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json == json.loads(json.dumps(document))
    again = stranger.get("/api/schema/openapi.json", If_None_Match=answer.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert stranger.post("/api/schema/openapi.json").status == 405


@pytest.mark.no_database
@pytest.mark.parametrize(
    "inside",
    [
        '<xs:element name="A"><xs:complexType><xs:all/></xs:complexType></xs:element>',
        '<xs:element name="A" type="xs:string"/>',
        '<xs:element name="A"><xs:complexType><xs:sequence><xs:any/></xs:sequence></xs:complexType></xs:element>',
    ],
)
def test_a_schema_that_is_not_understood_is_refused(inside):
    from lxml import etree

    schema = etree.fromstring(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{inside}</xs:schema>')
    with pytest.raises(UnknownConstruct):
        _Reader(schema).records()
