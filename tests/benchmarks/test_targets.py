"""The table of targets, and what is said of a run."""

import json

import pytest

from benchmarks import bench, report
from benchmarks.measured import Measured, from_json, ratio
from benchmarks.targets import TARGETS, missed, target_of

pytestmark = pytest.mark.no_database


def a_run(value: float = 0) -> list[Measured]:
    """A line for each target, exactly on it, or all with this value."""
    lines = []
    for target in TARGETS:
        for database in [target.database] if target.database else ["SQLite", "PostgreSQL"]:
            lines.append(Measured(target.key, f"line {target.key}", database, [value or target.value] * 3))
    return lines


def test_a_run_on_its_targets_misses_nothing():
    assert missed(a_run()) == []


def test_what_is_missed_is_named_with_its_target():
    told = missed([ratio("304/200", "304 / 200", "SQLite", [5, 9, 7], [10, 10, 10]), *a_run()])
    assert told == ["SQLite: 304 / 200 is 0.7, wanted at least 1"]
    assert missed([Measured("worker idle", "an idle worker", "SQLite", [3.5], "% of a core"), *a_run()]) == [
        "SQLite: an idle worker is 3.5, wanted at most 3 % of a core"
    ]


def test_what_was_not_measured_is_missed_too():
    left_out = [line for line in a_run() if line.key != "memory"]
    assert missed(left_out) == ["memory was not measured"]


def test_a_target_of_one_database_is_not_the_others():
    line = ratio("poll/plain_django", "poll", "PostgreSQL", [3.5], [1])
    other = ratio("poll/plain_django", "poll", "SQLite", [3.5], [1])
    assert target_of(line).is_met(line)
    assert not target_of(other).is_met(other)


@pytest.mark.parametrize(("value", "status"), [(0, 0), (1000, 1)])
def test_the_check_ends_as_the_targets_say(tmp_path, capsys, value, status):
    kept = {"quick": True, "machine": {"date": "today", "load average": "1"}, "lines": [one.as_json() for one in a_run(value)]}
    file = tmp_path / "run.json"
    file.write_text(json.dumps(kept))
    assert bench.check(file) == status
    assert ("MISSED: SQLite: line worker hold is 1e+03, wanted at most 20" in capsys.readouterr().out) == bool(status)


def test_without_a_run_the_check_fails(tmp_path, capsys):
    assert bench.check(tmp_path / "none.json") == 1


def test_the_page_shows_every_line_with_its_target():
    lines = [from_json(json.loads(json.dumps(line.as_json()))) for line in a_run()]
    page, printed = report.markdown(lines, {"Python": "3"}, "3 rounds"), report.text(lines)
    for line in lines:
        assert page.count(f"| {line.title} | {line.database} |") == 1, line.key
        assert line.title in printed
    assert page.count("| met |") == len(lines)
    assert "| MISSED |" in report.markdown(a_run(1000), {}, "")


def test_what_is_measured_again_takes_the_place_of_the_old():
    polls, rounds = {"key": "poll", "database": "SQLite"}, {"key": "round", "database": "SQLite"}
    whole = {"quick": False, "failed": [], "lines": [polls | {"values": [1]}, rounds], "machine": {"date": "Monday"}}
    where = {"commit": "abc", "date": "Tuesday", "load average": "1.0 to 2.0"}
    again = {"quick": False, "failed": [], "lines": [polls | {"values": [2]}], "machine": where}
    now = bench.with_the_rest_of(whole, again, ["reads"])
    assert now["lines"] == [polls | {"values": [2]}, rounds]
    told = "reads at abc, Tuesday, load average 1.0 to 2.0"
    assert now["machine"] == {"date": "Monday", "measured again": told}
    assert bench.with_the_rest_of(now, again, ["reads"])["machine"]["measured again"] == f"{told}; {told}"
    with pytest.raises(RuntimeError, match="quick"):
        bench.with_the_rest_of(whole | {"quick": True}, again, ["reads"])


def test_a_run_of_some_parts_is_no_whole_one(tmp_path):
    kept = tmp_path / "benchmarks.json"
    with pytest.raises(RuntimeError, match="make bench"):
        bench.last_whole_run(kept)
    lines = [line.as_json() for line in a_run()]
    kept.write_text(json.dumps({"quick": False, "failed": [], "lines": lines[1:2]}))
    with pytest.raises(RuntimeError, match="make bench"):
        bench.last_whole_run(kept)
    kept.write_text(json.dumps({"quick": False, "failed": [], "lines": lines}))
    assert len(bench.last_whole_run(kept)["lines"]) == len(lines)
