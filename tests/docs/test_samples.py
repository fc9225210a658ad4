"""The samples in the partners' guide are run, in every language whose interpreter is at hand."""

import base64
import hashlib
import hmac
import json
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest
from django.db import connection

from notifications import signatures
from tests.conftest import Giver, PartnerClient, register
from tests.demo.conftest import serving
from tests.docs.examples import ROOT, blocks_of

INTERPRETERS = {"python": sys.executable, "javascript": "node", "php": "php", "ruby": "ruby"}

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"an older one of thirty-two bytes").decode()
BODY = '{"type":"contribution.settled","data":{"Contributor":"Zoë"}}'.encode()

VERIFY = {
    "python": """
import json, sys
told = json.load(sys.stdin)
print(json.dumps([is_genuine(told["secret"], one["headers"], base64.b64decode(one["body"])) for one in told["messages"]]))
""",
    "javascript": """
const told = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(told.messages.map((m) => isGenuine(told.secret, m.headers, Buffer.from(m.body, "base64")))));
""",
    "php": """
$told = json_decode(stream_get_contents(STDIN), true);
echo json_encode(array_map(fn($m) => is_genuine($told['secret'], $m['headers'], base64_decode($m['body'])),
    $told['messages']));
""",
    "ruby": """
require "json"
told = JSON.parse(STDIN.read)
puts JSON.generate(told["messages"].map { |m| genuine?(told["secret"], m["headers"], Base64.decode64(m["body"])) })
""",
}

FOLLOW = {
    "python": """
import json, sys
base, key, after, last = json.load(sys.stdin)
seen = []
def handle(event):
    seen.append(event["Id"])
    return event["Id"] != last
follow(base, key, after, handle)
print(json.dumps(seen))
""",
    "javascript": """
const [base, key, after, last] = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const seen = [];
follow(base, key, after, (event) => { seen.push(event.Id); return event.Id !== last; })
  .then(() => console.log(JSON.stringify(seen)));
""",
    "php": """
[$base, $key, $after, $last] = json_decode(stream_get_contents(STDIN), true);
$seen = [];
follow($base, $key, $after, function ($event) use (&$seen, $last) { $seen[] = $event['Id']; return $event['Id'] !== $last; });
echo json_encode($seen);
""",
    "ruby": """
require "json"
base, key, after, last = JSON.parse(STDIN.read)
seen = []
follow(base, key, after) { |event| seen << event["Id"]; event["Id"] != last }
puts JSON.generate(seen)
""",
}


def sample(language, page):
    (block,) = blocks_of(ROOT / "docs" / "guide" / page, language)
    assert len(block.text.splitlines()) <= 30
    return block.text


def run(language, program, given):
    interpreter = shutil.which(INTERPRETERS[language])
    if interpreter is None:
        pytest.skip(f"there is no {INTERPRETERS[language]} on this machine")
    program = f"<?php\n{program}" if language == "php" else program
    arguments = {"python": ["-c"], "javascript": ["-e"], "ruby": ["-e"]}.get(language)
    command = [interpreter, *arguments, program] if arguments else [interpreter, "-r", program.removeprefix("<?php\n")]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def message(secrets, *, body=BODY, age=0, **changes):
    headers = signatures.headers(secrets, message_id="evt_1", timestamp=int(time.time()) - age, body=BODY)
    changed = {name.replace("_", "-"): value for name, value in changes.items()}
    return {"headers": headers | changed, "body": base64.b64encode(body).decode()}


@pytest.mark.parametrize("language", INTERPRETERS)
def test_a_sample_knows_a_genuine_message_from_any_other(language):
    messages = {
        "genuine": message([SECRET]),
        "during a rotation": message([OLD_SECRET, SECRET]),
        "ten minutes old": message([SECRET], age=600),
        "from the future": message([SECRET], age=-600),
        "another body": message([SECRET], body=BODY + b" "),
        "another secret": message([OLD_SECRET]),
        "another id": message([SECRET], webhook_id="evt_2"),
        "no signature": message([SECRET], webhook_signature=""),
        "rubbish": message([SECRET], webhook_signature="v1 v1, ,, v1,%"),
        "no time": message([SECRET], webhook_timestamp="soon"),
    }
    program = sample(language, "webhooks.md") + VERIFY[language]
    judged = run(language, program, {"secret": SECRET, "messages": list(messages.values())})
    assert [name for name, genuine in zip(messages, judged, strict=True) if genuine] == ["genuine", "during a rotation"]


def test_the_samples_sign_as_the_published_vector_does():
    """What the test above compares with is right, and not only the same on both sides."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    by_hand = base64.b64encode(hmac.new(key, b"evt_1.5." + BODY, hashlib.sha256).digest()).decode()
    assert signatures.sign(SECRET, message_id="evt_1", timestamp=5, body=BODY) == f"v1,{by_hand}"


@pytest.fixture
def served():
    """(base, key, Ids): a service on a port of this machine, with five events of one partner."""
    new = register("Following Shop")
    client, giver = PartnerClient(new.api_key), Giver()
    goal = client.new_goal()
    for _ in range(5):
        giver.pay(client.new_contribution(goal).value("ProviderURL"))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            key = self.headers["Authorization"].removeprefix("Bearer ")
            answer = PartnerClient(key).get(self.path, Accept=self.headers["Accept"])
            connection.close()
            with suppress(OSError):
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.end_headers()
                self.wfile.write(answer.body)

        def log_message(self, *args):
            pass

    ids = [event["Id"] for event in client.get("/api/Events", Accept="application/json").json["Event"]]
    with serving(Handler) as address:
        yield address, new.api_key, ids


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", INTERPRETERS)
def test_a_sample_follows_the_feed(served, language):
    base, key, ids = served
    program = sample(language, "feed.md") + FOLLOW[language]
    assert run(language, program, [base, key, None, ids[-1]]) == ids
    assert run(language, program, [base, key, ids[1], ids[-1]]) == ids[2:]


def test_a_gift_is_paid_once_in_whatever_order_it_is_told(tmp_path):
    """The sample of the first page: the page and the webhook tell of the same gift, twice and out of order."""
    told = [
        {"Id": "g", "RecordVersionNumber": 1, "Status": "Submitted", "Reference": "order-7"},
        {"Id": "g", "RecordVersionNumber": 4, "Status": "Settled", "Reference": "order-7"},
        {"Id": "g", "RecordVersionNumber": 4, "Status": "Settled", "Reference": "order-7"},
        {"Id": "g", "RecordVersionNumber": 3, "Status": "Failed", "Reference": "order-7"},
        {"Id": "g", "RecordVersionNumber": 5, "Status": "Settled", "Reference": "order-7", "RefundedAmount": "5.00"},
        {"Id": "h", "RecordVersionNumber": 2, "Status": "Settled", "Reference": "order-8"},
        {"Id": "i", "RecordVersionNumber": 2, "Status": "Settled", "Reference": "none-of-ours"},
    ]
    program = f"""
import json, sqlite3, sys
{sample("python", "index.md")}
db = sqlite3.connect(":memory:")
db.executescript("CREATE TABLE gifts (id PRIMARY KEY, version, status); CREATE TABLE orders (id PRIMARY KEY, paid)")
db.executemany("INSERT INTO orders VALUES (?, 0)", [["order-7"], ["order-8"]])
shipped = [gift_is(db, gift) for gift in json.load(sys.stdin)]
print(json.dumps([*shipped, *db.execute("SELECT sum(paid) FROM orders").fetchone()]))
"""  # noqa: S608 - the query is the sample's, and has no text of ours in it
    assert run("python", program, told) == [False, True, False, False, False, True, False, 2]
