"""The packages hold together: with the service's own tables, with what is written from them, and with their declared types."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import whipround
from defusedxml import DefusedXmlException
from whipround.records import RECORDS

from api.records import contribution, goal
from notifications import signatures
from tests.clients.test_verification import GIFT, NOW, SECRET
from tests.docs.examples import ROOT
from tests.eventually import SECONDS

pytestmark = pytest.mark.no_database

CLIENTS = ROOT / "clients"
TSC = CLIENTS / "javascript" / "node_modules" / ".bin" / "tsc"


def run(*command: str, cwd: Path = ROOT) -> str:
    """What it printed. TypeScript takes its time on a busy machine."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=2 * SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_written_from_the_table_is_up_to_date() -> None:
    run(sys.executable, "clients/generate.py", "--check")


def test_every_element_that_the_service_sends_is_known() -> None:
    """By the DTD, which names each; and in its order."""
    dtd = (ROOT / "xml_schemas" / "contributions.dtd").read_text()
    for record, content in re.findall(r"<!ELEMENT (\w+) \(([^#)][^>]*)\)>", dtd):
        sent = re.findall(r"\w+", content)
        if record in RECORDS:
            known = [element.name for element in RECORDS[record].ELEMENTS]
            assert [name for name in sent if name not in known] == [], record


@pytest.mark.parametrize(("record", "table"), [("SavingGoal", goal.ELEMENTS), ("Contribution", contribution.ELEMENTS)])
def test_what_can_be_written_is_what_the_service_reads(record: str, table: tuple) -> None:
    """Elements that the service reads in a POST; the version goes beside them."""
    read = {one.name for one in table if one.key or one.read_apart} - {"Id", "RecordVersionNumber"}
    assert read <= {one.name for one in RECORDS[record].ELEMENTS if one.writable}


def test_every_language_has_the_same_methods() -> None:
    python = {name for name in dir(whipround.Client) if not name.startswith("_")} - {"close"}
    camel = {re.sub(r"_(\w)", lambda found: found[1].upper(), name) for name in python}
    javascript = "".join((CLIENTS / "javascript" / "src" / f"{room}.js").read_text() for room in ("client", "gifts", "giving"))
    assert set(re.findall(r"^  (?:async )?([a-z]\w+)\(.*\) \{$", javascript, re.MULTILINE)) - {"constructor"} == camel
    rooms = "Client Goals Contributions Givers Pledges GiftCertificates Matchers PaymentAccounts Webhooks"
    php = "".join((CLIENTS / "php" / "src" / f"{room}.php").read_text() for room in rooms.split())
    assert set(re.findall(r"public function (\w+)\(", php)) - {"__construct"} == camel


@pytest.mark.timeout(300)
@pytest.mark.skipif(not TSC.exists(), reason="no TypeScript: npm ci in clients/javascript")
def test_the_declared_types_are_those_of_the_code(tmp_path: Path) -> None:
    """The code is checked against its own types, they are the ones in types/, and a program that uses them compiles."""
    javascript = CLIENTS / "javascript"
    run(str(TSC), "--project", "tsconfig.json", "--outDir", str(tmp_path), cwd=javascript)
    made, kept = ({one.name: one.read_text() for one in folder.iterdir()} for folder in (tmp_path, javascript / "types"))
    assert made == kept
    run(str(TSC), "--project", "tsconfig.check.json", cwd=javascript)


@pytest.mark.skipif(shutil.which("php") is None, reason="no PHP")
def test_every_php_file_is_one_class_of_its_name() -> None:
    for file in sorted((CLIENTS / "php" / "src").iterdir()):
        assert re.search(rf"^(?:abstract |final )?(?:class|trait) {file.stem}\b", file.read_text(), re.MULTILINE), file.name


XML = b"""<?xml version="1.0" encoding="utf-8"?><Event><Id>evt_1</Id><Type>contribution.settled</Type>
<Date>2026-11-21T10:00:01Z</Date><Contribution><Id>g</Id><Amount>20.00</Amount><Date>2026-11-21T10:00:00Z</Date>
<Contributor>Zo\xc3\xab &amp; &lt;b&gt;</Contributor><Status>Settled</Status><ProviderURL>https://give.example.org/pay/g</ProviderURL>
<RecordVersionNumber>2</RecordVersionNumber><Currency>USD</Currency><RefundedAmount>0.00</RefundedAmount>
<SavingGoalId>s</SavingGoalId><Metadata><Item><Name>a</Name><Value>b</Value></Item></Metadata></Contribution></Event>"""


def test_python_reads_webhooks_in_xml_and_no_bombs() -> None:
    def verified(body: bytes) -> whipround.Event:
        headers = signatures.headers([SECRET], message_id="evt_1", timestamp=NOW, body=body)
        return whipround.verify_webhook(SECRET, headers, body, now=NOW)

    event = verified(XML)
    assert event.contribution is not None
    assert (event.contribution.contributor, str(event.contribution.amount)) == ("Zoë & <b>", "20.00")
    assert (event.contribution.metadata, event.contribution.version) == ({"a": "b"}, 2)
    bomb = XML.replace(b"<Event>", b'<!DOCTYPE Event [<!ENTITY a "ha">]><Event>', 1)
    with pytest.raises(whipround.UnexpectedAnswer) as refused:
        verified(bomb)
    assert isinstance(refused.value.__cause__, DefusedXmlException)
    for nonsense in (b"<Event>", b"<Other/>", b"<Event/>", b"{", b"[]", b'{"type": 1}'):
        with pytest.raises(whipround.UnexpectedAnswer):
            verified(nonsense)


def test_a_record_is_sent_back_without_what_is_not_the_clients() -> None:
    """And keeps what this package does not know, for who wants it."""
    gift = whipround.Contribution.read(GIFT)
    assert gift.written() == {"Amount": "20.00", "Contributor": "Zoë"}
    assert gift.document["NotKnownYet"] == {"Anything": ["goes"]}
