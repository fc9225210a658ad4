"""docs/guide/signed_redirects.md and going_live.md: their requests are real, their samples right, their table complete."""

import pytest

from partners import redirect_secrets
from rehearsals.days import DAYS
from tests.docs.examples import ROOT, blocks_of, steps_of
from tests.docs.running import HOST, Reader
from tests.docs.test_samples import run

SIGNED = ROOT / "docs" / "guide" / "signed_redirects.md"
LIVE = ROOT / "docs" / "guide" / "going_live.md"

SECRET = "rsec_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
VECTOR = (
    "https://shop.example/thanks?lang=de&Id=c8RmS5DdX2XZ6aB9kLmNpQ&Status=Settled&Time=1767225600"
    "&Signature=cP26rZz44DTPoPs9TNSOn3NtYzNbURRehylTQOrW46E"
)
AT = 1767225600

JUDGE = {
    "python": """
import json, sys
print(json.dumps([signed_status(*one) for one in json.load(sys.stdin)]))
""",
    "javascript": """
const told = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(told.map((one) => signedStatus(...one))));
""",
    "php": """
echo json_encode(array_map(fn($one) => signed_status(...$one), json_decode(stream_get_contents(STDIN), true)));
""",
}


@pytest.mark.django_db
@pytest.mark.parametrize("page", [SIGNED, LIVE], ids=lambda page: page.name)
def test_every_request_of_the_page_is_real(settings, page):
    settings.PUBLIC_BASE_URL = f"https://{HOST}"
    settings.ALLOWED_HOSTS = [HOST]
    Reader().follow(steps_of(page))


@pytest.mark.no_database
@pytest.mark.parametrize("language", JUDGE)
def test_a_sample_believes_nothing_but_a_signed_redirect(language):
    other = redirect_secrets.signature(SECRET, "c8RmS5DdX2XZ6aB9kLmNpQ", "Failed", AT)
    failed = VECTOR.replace("Settled", "Failed").rpartition("=")[0] + f"={other}"
    cases = {
        "genuine": ([SECRET], VECTOR, AT),
        "while rotating": (["rsec_new", SECRET], VECTOR, AT + 299),
        "in another order, with a fragment": ([SECRET], failed.replace("lang=de&", "") + "&x=1#top", AT),
        "too old": ([SECRET], VECTOR, AT + 301),
        "from the future": ([SECRET], VECTOR, AT - 301),
        "another secret": (["rsec_other"], VECTOR, AT),
        "another status": ([SECRET], VECTOR.replace("Settled", "Failed"), AT),
        "another gift": ([SECRET], VECTOR.replace("c8RmS", "c8RmT"), AT),
        "a status twice, ours last": ([SECRET], VECTOR.replace("lang=de", "Status=Failed"), AT),
        "a status twice, ours first": ([SECRET], VECTOR + "&Status=Failed", AT),
        "no signature": ([SECRET], VECTOR.partition("&Signature")[0], AT),
        "an empty signature": ([SECRET], VECTOR.partition("&Signature")[0] + "&Signature=", AT),
        "padded": ([SECRET], VECTOR + "=", AT),
        "no number": ([SECRET], VECTOR.replace(str(AT), "soon"), AT),
        "nothing": ([SECRET], "https://shop.example/thanks", AT),
    }
    (block,) = blocks_of(SIGNED, language)
    judged = run(language, block.text + JUDGE[language], list(cases.values()))
    believed = {name: status for name, status in zip(cases, judged, strict=True) if status is not None}
    assert believed == {
        "genuine": "Settled", "while rotating": "Settled", "in another order, with a fragment": "Failed"
    }  # fmt: skip


@pytest.mark.no_database
def test_the_page_shows_the_vector_and_every_check():
    assert VECTOR in SIGNED.read_text()
    rows = [line.split("`")[1] for line in LIVE.read_text().splitlines() if line.startswith("| `")]
    assert [row for row in rows if row != "Name"] == list(DAYS)
