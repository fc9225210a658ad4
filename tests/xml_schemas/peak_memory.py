"""Small bodies that could take much memory, and how much one takes: `python -m tests.xml_schemas.peak_memory NAME`.

A process of its own for each, since the peak of a process never falls; tracemalloc would not see what lxml takes.
"""

import json
import resource
import sys

from api.json_reader import read_json
from xml_schemas.reader import BodyFaults, read_xml

BODIES = {
    "a long namespace, 1,900 elements in it": f'<a xmlns="{"u" * 55_000}">' + "<a>" * 14 + "<a/>" * 1900 + "</a>" * 15,
    "the same by a prefix": f'<p:a xmlns:p="{"u" * 45_000}">' + "<p:a>" * 14 + "<p:a/>" * 1900 + "</p:a>" * 15,
    "a long namespace, 2,800 attributes in it": (
        f'<a xmlns:p="{"u" * 30_000}" ' + " ".join(f'p:b{n}=""' for n in range(2800)) + "/>"
    ),
    "a long namespace, 1,900 elements with an attribute in it": (
        f'<a xmlns:p="{"u" * 40_000}">' + '<b p:c=""/>' * 1900 + "</a>"
    ),
    "an element with a long name, 1,900 others in it": (
        f"<{'n' * 25_000}>" + "<a>" * 13 + "<a/>" * 1900 + "</a>" * 13 + f"</{'n' * 25_000}>"
    ),
    "a JSON member with a long name, 1,900 others in it": (
        '{"a": {"' + "k" * 45_000 + '": {' + ", ".join(['"a": 1'] * 1900) + "}}}"
    ),
    "a JSON list of a long path": '{"' + "k" * 40_000 + '": {"Refund": [' + ", ".join(["{}"] * 1900) + "]}}",
}


def main(name: str) -> None:
    """Print the faults of the body, and the memory that it took beyond that of a small one."""
    body = BODIES[name]
    read, small = (read_xml, b"<a/>") if body.startswith("<") else (_read_json, b"{}")
    read(small)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        read(body.encode())
        faults = []
    except BodyFaults as refusal:
        faults = [fault.detail for fault in refusal.faults]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    json.dump({"faults": faults, "mebibytes": (peak - before) / 1024}, sys.stdout)


def _read_json(body: bytes) -> object:
    return read_json(body, "SavingGoal")


if __name__ == "__main__":
    main(sys.argv[1])
