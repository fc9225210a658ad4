"""The reference of the site: whatever the code's tables hold has its place there."""

import re

import pytest

from api import errors, urls
from api.openapi import refusals
from api.openapi.routes import routes
from api.openapi.tables import TABLES
from contributions.status import Status
from docs import build_site
from docs.reference import Reference
from pledges.event_types import EVENT_TYPES
from tests.docs.examples import ROOT
from tests.docs.pages_and_code import rows_of, section_of
from xml_schemas.definitions import Record, TextType, records

pytestmark = pytest.mark.no_database

HEADINGS = {"Item": "MetadataItem"}
"""Records that are called otherwise in JSON Schema."""


@pytest.fixture(scope="module")
def reference() -> Reference:
    return build_site.read_reference()


@pytest.fixture(scope="module")
def pages(reference):
    return reference.pages()


def all_records() -> dict[str, Record]:
    """Those of the XSD, with what stands within them."""
    found, waiting = {}, list(records().values())
    while waiting:
        record = waiting.pop()
        found[record.name] = record
        waiting += [part.holds for part in record.parts if isinstance(part.holds, Record) and part.holds.name not in found]
    return found


def rows_of_record(pages, name) -> list[dict[str, list[str]]]:
    """Of each page that has the record's table: its rows, by the element."""
    name = HEADINGS.get(name, name)
    tables = [section_of(pages[name], "Elements")] if name in pages else []
    tables += [section_of(page, name) for page in pages.values() if re.search(rf"^### {name}$", page, re.MULTILINE)]
    return [{row[0].split("`")[1]: row for row in rows_of(table)} for table in tables]


@pytest.mark.parametrize("record", all_records().values(), ids=lambda record: record.name)
def test_every_element_of_a_record_stands_in_its_table(pages, record):
    tables = rows_of_record(pages, record.name)
    assert tables, "it has no table"
    expected = [*(part.name for part in record.parts), *(name for name, _ in record.attributes)]
    for shown in tables:
        assert list(shown) == expected
        assert [name for name, row in shown.items() if not row[1]] == [], "each has its sentence"


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if table.required])
def test_what_may_be_sent_is_what_the_table_reads(pages, name):
    table = TABLES[name]
    for shown in rows_of_record(pages, name):
        sent = {element: row[2] for element, row in shown.items()}
        assert {element for element, how in sent.items() if how == "**required**"} == set(table.required)
        assert {element for element, how in sent.items() if how != "ignored"} == table.writable
        assert {element for element, row in shown.items() if row[3] != "never"} == table.written


def test_every_path_and_verb_has_one_section_and_a_row(pages):
    served = sorted(f"{verb} {route.path}" for route in routes(urls.urlpatterns) for verb in route.verbs)
    assert "POST /api/Rehearsal" in served
    every = "\n".join(pages.values())
    assert sorted(re.findall(r"^## ([A-Z]+ /\S+) \{ #\w+ \}$", every, re.MULTILINE)) == served
    assert sorted(re.findall(r"^\| \[`([A-Z]+ /[^`]+)`\]", pages["index"], re.MULTILINE)) == served


def test_every_code_stands_with_the_requests_that_tell_it(reference, pages):
    tell = {call.anchor: call.refusals for call in reference.calls}
    assert {row.code for row in errors.every_row()} - set(refusals.OF_NO_OPERATION) == set().union(*tell.values())
    of_any = {row[0]: set(re.findall(r"\[`(\w+)`\]", row[1])) for row in
              rows_of(section_of(pages["index"], "What any request can be refused with"))}  # fmt: skip
    sections = re.findall(r"^## ([A-Z]+) /\S+ \{ #(\w+) \}$(.*?)(?=^## |\Z)", "\n".join(pages.values()), re.M | re.S)
    for verb, anchor, text in sections:
        (told,) = re.findall(r"^- \*\*Refused\*\* with (.*)$", text, re.MULTILINE)
        codes = set(re.findall(r"\[`(\w+)`\]", told))
        assert codes | (of_any[verb] if f"[any {verb}]" in told else set()) == tell[anchor], anchor


def test_every_type_status_and_event_stands_among_the_types(pages):
    kinds = {part.holds.name for record in all_records().values() for part in record.parts if isinstance(part.holds, TextType)}
    assert {kind for kind in kinds if kind and f"\n## {kind}\n" not in pages["types"]} == set()
    assert [one for one in Status if f"`{one.value}`" not in section_of(pages["types"], "StatusWord")] == []
    assert re.findall(r"^- `(\S+)`$", section_of(pages["types"], "EventTypeWord"), re.MULTILINE) == list(EVENT_TYPES)


def test_the_navigation_has_every_page_of_the_reference(pages):
    listed = re.findall(r"- reference/(\w+)\.md$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(pages)


def test_the_guide_and_the_reference_lead_to_each_other(reference, pages):
    assert reference.of_guide("refunds.md") == ["[Refund](reference/Refund.md)"]
    assert "[refunds](../refunds.md)" in pages["Refund"]


def test_the_page_of_a_code_names_who_tells_it(reference):
    made = build_site.error_pages((build_site.GUIDE / "errors.md").read_text(), reference)
    assert "[`POST /api/Contribution/{contribution_id}/Refunds`](../reference/Refund.md#createRefund)" in made["cannot_refund"]
    assert "[all requests](../reference/index.md)" in made["no_valid_key"]
