"""Where givers may be sent back to."""

import pytest

from tests.conftest import PartnerClient, goal_xml, register
from tests.xml_schemas.answers import sentences_of
from tests.xml_schemas.nasty_texts import xml_text


def post_goal(client, **changes):
    return client.post("/api/savings", goal_xml(**changes))


def refusal_of(client, **changes):
    """The sentences of the 400 for a goal with these changes."""
    return sentences_of(post_goal(client, **changes))


ABSOLUTE = "must be an absolute address such as https://shop.example/thanks."
NO_USER = "must not hold a user name or password."
NO_CONTROLS = "must not hold blanks, control characters or backslashes."
ASCII_HOST = "must name its host in ASCII; write an international name in its xn-- form."


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example", "https://shop.example/", "https://shop.example/thanks?a=b&c=d#top",
        "HTTPS://SHOP.Example/Thanks",
        "https://shop.example:8443/x", "https://shop.example:443", "http://shop.example:", "https://127.0.0.1/",
        "https://[::1]:8000/x",
        "https://[2001:db8::1]/", "https://localhost/", "https://shop.example./x", "https://my_shop.example/",
        "https://xn--bcher-kva.example/",
        "https://shop.example/%7Euser/100%", "https://shop.example/a[1]{2}|3^4`5\"6<7>",
        "https://shop.example/dziękuję?imię=Łucja",
        "https://shop.example//double//slash", "https://shop.example?Id=mine", "https://shop.example/?a=@b:c",
        "https://shop.example/@anna",
        "https://shop.example/\u2028\u202e\u200b", "https://shop.example/" + "x" * (2000 - 21), "https://shop.example/🚲",
        "https://a-b.c-d.example/", "https://1.2.3.4.5/", "https://shop.example/#javascript:alert(1)",
    ],
    ids=lambda url: url[:40],
)  # fmt: skip
def test_givers_can_be_sent_to_an_absolute_web_address(shop, giver, url):
    made = post_goal(shop, ConfirmationURL=xml_text(url), CancelURL=xml_text(url))
    assert made.status == 201, made.text
    assert (made.value("ConfirmationURL"), made.value("CancelURL")) == (url, url)
    gift = shop.new_contribution(made.value("Id"))
    bounced = giver.pay(gift.value("ProviderURL"))
    assert bounced.status == 303
    where = bounced.headers["Location"]
    assert where.isascii()
    assert not {" ", "\r", "\n"} & set(where)
    assert where.lower().startswith(url.lower()[:14])
    assert f"Id={gift.value('Id')}" in where


NO_REDIRECTS = {
    ABSOLUTE: [
        "shop.example/thanks", "/thanks", "//shop.example/thanks", "thanks", "?a=b", "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//http://shop.example", "data:text/html,<b>x</b>", "vbscript:x", "file:///etc/passwd",
        "ftp://shop.example/", "ws://shop.example/", "gopher://shop.example/", "mailto:anna@example.org", "about:blank",
        "blob:https://a/b", "http:", "http:/", "http://", "http:///thanks", "http:shop.example", "https:/shop.example",
        "http://?a=b", "http://#a", "http://:80/", "http://./", "http://../", "http://-/", "http://-a.example/",
        "http://a-.example/", "http://a..example/", "http://.example/", "http://shop.example:abc/", "http://shop.example:0/",
        "http://shop.example:65536/", "http://shop.example:-80/", "http://shop.example:80:80/", "http://[::1/", "http://::1/",
        "http://[shop.example]/", "http://[v1.shop]/", "http://[fe80::1%25eth0]/", "http://evil.example[::1]/",
        "http://[::1]x/", "http://[]/", "http://a%2eexample/", "http://%73hop.example/", "http://shop.example;/",
        "http://shop.example,evil.example/", "http://shop.example&evil.example/", "http://shop'example/", "http://<shop>/",
        "http://shop*example/", "http://shop!example/", "http://evil.example\uff0f.shop.example/", "http://shop.example:８０/",
    ],
    NO_CONTROLS: [
        "http://shop.example:8 0/", "http://shop.example\\@evil.example/", "http:\\\\shop.example\\",
        "https://shop.example\\.evil.example", "http://shop.example/\\..", "http://shop.example/a b",
        "http://shop.example/a\tb", "http://shop.example/a\nb", "http://shop.example/\rSet-Cookie:x=y",
        "http://shop\t.example/", "java\nscript:alert(1)", "http://shop.example/\x7f", "http://shop.example/\x85",
        "http://shop.example/\x9f",
    ],
    NO_USER: [
        "http://anna@shop.example/", "http://anna:secret@shop.example/", "http://@shop.example/",
        "http://shop.example@evil.example/", "http://shop.example:80@evil.example/", "http://a@b@c.example/",
    ],
    f"{ASCII_HOST[:-1]}, here xn--shp-hna.example.": ["http://shóp.example/", "http://SHÓP.example:80/"],
    f"{ASCII_HOST[:-1]}, here xn--r8jz45g.example.": ["http://例え.example/"],
    ASCII_HOST: [
        "http://shop。example/", "http://ｓhop.example/",
        "http://shop.example\u200b/", "http://evil.example\u2044.shop.example/", "http://shop\u00ad.example/",
        "http://①.example/",
    ],
    "must have at most 2000 characters.": [
        "https://shop.example/" + "x" * 1980, "x" * 5000,
    ],
}  # fmt: skip
"""By the sentence that is told of them."""


@pytest.mark.parametrize(
    ("url", "fault"), [(url, fault) for fault, urls in NO_REDIRECTS.items() for url in urls], ids=lambda value: value[:40]
)
def test_anything_else_is_no_address_to_send_a_giver_to(shop, url, fault):
    assert refusal_of(shop, ConfirmationURL=xml_text(url)) == [f"ConfirmationURL {fault}"]
    assert refusal_of(shop, CancelURL=xml_text(url)) == [f"CancelURL {fault}"]


def client_with_hosts(*hosts):
    return PartnerClient(register("Listed & Co", redirect_hosts=hosts).api_key)


@pytest.mark.parametrize(
    ("listed", "url", "is_allowed"),
    [
        ("shop.example", "https://shop.example/", True), ("shop.example", "http://shop.example:8080/", True),
        ("shop.example", "HTTPS://Shop.EXAMPLE/", True), ("SHOP.example", "https://shop.example/", True),
        ("shop.example", "https://www.shop.example/", False), ("shop.example", "https://shop.example.evil.example/", False),
        ("shop.example", "https://evilshop.example/", False), ("shop.example", "https://shop.example./", False),
        ("shop.example", "https://evil.example/?shop.example", False),
        ("shop.example", "https://evil.example/#@shop.example", False),
        ("shop.example", "https://evil.example/shop.example", False), ("shop.example", "https://shop.exampl\u212a/", False),
        ("shop.example:8443", "https://shop.example:8443/", True), ("shop.example:8443", "http://shop.example:8443/", True),
        ("shop.example:8443", "https://shop.example/", False), ("shop.example:8443", "https://shop.example:8444/", False),
        ("shop.example:443", "https://shop.example/", True), ("shop.example:443", "https://shop.example:443/", True),
        ("shop.example:443", "http://shop.example/", False), ("shop.example:80", "http://shop.example/", True),
        ("shop.example:80", "https://shop.example/", False), ("shop.example:443", "https://shop.example:/", True),
        ("[::1]", "http://[::1]/", True), ("[::1]", "http://[::1]:8000/", True), ("[::1]:8000", "http://[::1]:8000/", True),
        ("[::1]:8000", "http://[::1]/", False), ("[::1]", "http://[::2]/", False),
        ("127.0.0.1", "http://127.0.0.1:9999/", True),
        ("127.0.0.1", "http://2130706433/", False), ("127.0.0.1", "http://127.1/", False),
        ("xn--bcher-kva.example", "https://xn--bcher-kva.example/", True),
    ],
)  # fmt: skip
def test_the_host_must_be_on_the_partners_list_if_any(db, listed, url, is_allowed):
    client = client_with_hosts(listed)
    made = post_goal(client, ConfirmationURL=url)
    assert made.status == (201 if is_allowed else 400), made.text
    if not is_allowed:
        (sentence,) = sentences_of(made)
        not_listed = "ConfirmationURL must be on a host that Listed & Co has registered for redirects; "
        assert sentence.startswith((not_listed, "ConfirmationURL must name its host"))


def test_any_listed_host_will_do_and_without_a_list_any(db, shop):
    client = client_with_hosts("shop.example", "pay.shop.example:8443")
    listed = {"ConfirmationURL": "https://shop.example/a", "CancelURL": "https://pay.shop.example:8443/b"}
    assert post_goal(client, **listed).status == 201
    assert refusal_of(client, **listed | {"CancelURL": "https://pay.shop.example/b"}) == [
        "CancelURL must be on a host that Listed & Co has registered for redirects; pay.shop.example is not on that list."
    ]
    assert post_goal(client).status == 201, "and no address at all is fine"
    assert post_goal(shop, ConfirmationURL="https://anywhere.example/").status == 201


def test_an_empty_address_or_end_date_is_none(shop):
    urls = {"ConfirmationURL": "https://shop.example/a", "CancelURL": "https://shop.example/b"}
    empty = "<ConfirmationURL/><CancelURL> </CancelURL><EndDate/><RecordVersionNumber>1</RecordVersionNumber>"
    path = f"/api/SavingGoal/{shop.new_goal(EndDate='2099-01-01', **urls)}"
    emptied = shop.patch(path, f"<SavingGoal>{empty}</SavingGoal>")
    told = [emptied.value(name) for name in ("ConfirmationURL", "CancelURL", "EndDate")]
    assert (emptied.status, told) == (200, [None, None, None])
    assert post_goal(shop, EndDate=" ").value("EndDate") is None
