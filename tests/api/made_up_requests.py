"""Requests made up from the OpenAPI description, and whether each answer is one that the description tells of.

Schemathesis makes the requests, in JSON and in XML, such as fit the description and such as do not. Chance puts Ids of
records that there are and values that go together into most of them. They go to the WSGI application in this process.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jsonschema
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from lxml import etree
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi import checks

from tests.api.fuzz_records import FITTING, Records
from tests.xml_schemas.answers import PROBLEM, check_fits_both_schemas

ADDRESS = "http://give.example.test"
DESCRIPTION = "/api/schema/openapi.json"
EXPECTED_5XX = {502, 503}
"""What is told of a provider; a crash of ours is 500."""

CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


@dataclass
class Told:
    """What came of the requests: how many of each status by operation, and what was wrong, each with a way to repeat it."""

    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return sum(sum(counts.values()) for counts in self.statuses.values())


class Fuzz:
    """Plays requests for one partner. The database may be in a transaction, since everything happens in this thread."""

    def __init__(self, application: Any, records: Records) -> None:
        load_all_checks()
        self.schema = schemathesis.openapi.from_wsgi(DESCRIPTION, application, base_url=ADDRESS)
        self.records, self.told = records, Told()
        self.validators = {}

    def play(self, cases: int, seed_number: int) -> Told:
        """At least so many requests, spread over all operations; twice as many where there is a body."""
        operations = [found.ok() for found in self.schema.get_all_operations()]
        runs = [(one, mode, media) for one in operations for mode in GenerationMode for media in _bodies_of(one)]
        turn = 0
        while self.told.cases < cases:
            missing = cases - self.told.cases
            for number, run in enumerate(runs):
                self._some(*run, max(1, -(-missing // len(runs))), seed_number + 1000 * turn + number)
            turn += 1
        return self.told

    def _some(self, operation: Any, mode: GenerationMode, media: str | None, cases: int, seed_number: int) -> None:
        strategy = operation.as_strategy(generation_mode=mode, **({"media_type": media} if media else {}))

        @seed(seed_number)
        @settings(
            max_examples=cases,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy, st.integers(0, 2**32))
        def each(case: Any, number: int) -> None:
            self.records.chance.seed(number)
            self._one(operation, case, random.Random(number), mode)

        each()

    def _one(self, operation: Any, case: Any, chance: random.Random, mode: GenerationMode) -> None:
        self._make_it_fit(case, chance)
        headers = {} if chance.random() < 0.02 else {"Authorization": f"Bearer {self.records.shop.key}"}
        response = case.call(base_url=ADDRESS, headers=headers)
        self.told.statuses.setdefault(operation.label, Counter())[response.status_code] += 1
        self.told.kinds[f"{mode.value}, {case.media_type or 'no body'}"] += 1
        if case.method == "DELETE" and response.status_code == 204:
            for part, value in (case.path_parameters or {}).items():
                self.records.forget(part, value)
            if not case.path_parameters:
                self.records.ids.pop("endpoint_id", None)  # the first of them is gone
        for sentence in self._wrong_with(operation, case, response):
            curl = case.as_curl_command(headers=headers).replace(self.records.shop.key or "-", "KEY")
            self.told.wrong.append(
                f"{operation.label}: {sentence}\n    {curl}\n    {response.status_code}: {response.text[:400]}"
            )

    def _make_it_fit(self, case: Any, chance: random.Random) -> None:
        """Most requests are to get past the first refusals."""
        if chance.random() < 0.8:
            self.records.prepare(case.path)
        for part in case.path_parameters or {}:
            if part.endswith("_id") and chance.random() < 0.85:
                case.path_parameters[part] = self.records.one(part)
        if case.query and "wait" in case.query:
            case.query["wait"] = chance.choice(["0", "31", "x"])  # nobody waits here
        if case.query and chance.random() < 0.7:
            case.query.pop("after", None)
        for name in ("If-Match", "If-None-Match", "Idempotency-Key"):
            if case.headers and name in case.headers and chance.random() < 0.8:
                del case.headers[name]
        if isinstance(case.body, dict) and chance.random() < 0.75:
            self._fill(case, chance)

    def _fill(self, case: Any, chance: random.Random) -> None:
        name = _record_in(case)
        for element, values in FITTING.get(name, {}).items():
            if element in case.body:
                case.body[element] = chance.choice(values)
        if case.method in {"PUT", "PATCH"}:
            part, public_id = next(iter((case.path_parameters or {}).items()), ("endpoint_id", ""))
            case.body["RecordVersionNumber"] = self.records.version(part, public_id)
            if "Id" in case.body:
                case.body["Id"] = public_id or self.records.first_endpoint()

    def _wrong_with(self, operation: Any, case: Any, response: Any) -> Iterator[str]:
        status = response.status_code
        if status >= 500 and status not in EXPECTED_5XX:
            yield "an answer of 5xx"
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            yield from (f"{one.title}: {one.message}" for one in group.exceptions)
        except Failure as failure:
            yield f"{failure.title}: {failure.message}"
        described = operation.definition.raw["responses"].get(str(status))
        if described is None or status in {204, 304} or not response.content:
            return
        media = response.headers["content-type"][0].partition(";")[0]
        try:
            if media.startswith("application/problem"):
                _check_problem(media, response, described["x-codes"])
                if media.endswith("json"):
                    self._check_nothing_else(response.json(), described["content"][media]["schema"])
            elif media.endswith("xml") and "schema/" not in case.path:
                check_fits_both_schemas(response.content)
            elif media.endswith("json") and "schema/" not in case.path:
                self._check_nothing_else(response.json(), described["content"][media]["schema"])
        except AssertionError as error:
            yield str(error)
        except jsonschema.ValidationError as error:
            yield f"JSON: {error.message} at {error.json_path}"

    def _check_nothing_else(self, content: Any, schema: dict[str, Any]) -> None:
        """The document as described and no member beside: programs are to bear more, but we do not send more."""
        name = repr(schema)
        if name not in self.validators:
            components = {one: _closed(what) for one, what in self.schema.raw_schema["components"]["schemas"].items()}
            whole = _closed(schema) | {"components": {"schemas": components}}
            self.validators[name] = jsonschema.Draft202012Validator(whole)
        self.validators[name].validate(content)


def _bodies_of(operation: Any) -> list[str | None]:
    return list(operation.get_request_payload_content_types()) if operation.body else [None]


def _record_in(case: Any) -> str:
    """Which record the body is of, by the schema's name for XML."""
    raw = case.operation.definition.raw["requestBody"]["content"][case.media_type]["schema"]["$ref"]
    schema: dict[str, Any] = case.operation.schema.raw_schema["components"]["schemas"][raw.rpartition("/")[2]]
    return str(schema["xml"]["name"])


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _closed(value) for name, value in schema.items()}
    return made | {"additionalProperties": False} if isinstance(made.get("properties"), dict) else made


def _check_problem(media: str, response: Any, codes: list[str]) -> None:
    if media.endswith("json"):
        told = response.json()
    else:
        root = etree.fromstring(response.content)
        assert root.tag == f"{PROBLEM}problem", root.tag
        told = {one.tag.removeprefix(PROBLEM): one.text for one in root}
    assert str(told["status"]) == str(response.status_code), told
    assert told["code"] in codes, f"the code {told['code']} is not one of {', '.join(codes)}: see api/openapi/operations.py"
