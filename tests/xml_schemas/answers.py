"""What tests ask of answers: that they fit both schemas, and what faults they tell of."""

import json
from functools import cache

from lxml import etree

from xml_schemas.files import DTD, XSD

PROBLEM = "{urn:ietf:rfc:7807}"


@cache
def schemas():
    return etree.XMLSchema(etree.parse(str(XSD))), etree.DTD(str(DTD))


def check_fits_both_schemas(document):
    """Fails with the schema's own words unless these bytes are valid by the XSD and by the DTD."""
    root, (xsd, dtd) = etree.fromstring(document), schemas()
    assert xsd.validate(root), f"by the XSD: {xsd.error_log.last_error}\n{document.decode()}"
    assert dtd.validate(root), f"by the DTD: {dtd.error_log.last_error}\n{document.decode()}"


def in_both_formats(client, path):
    """The representation as XML, valid by both schemas, once it is sure that JSON says the same."""
    in_xml, in_json = client.get(path), client.get(path, Accept="application/json")
    assert (in_xml.status, in_json.status) == (200, 200), (in_xml.text, in_json.text)
    assert in_xml.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert in_json.headers["Content-Type"] == "application/json"
    check_fits_both_schemas(in_xml.body)
    assert json.dumps(in_json.json) == json.dumps(as_json(in_xml.xml)), "the same names and nesting, in the same order"
    return in_xml


def faults_of(answer):
    """[(path, line or None, sentence)] of a 400 for a bad body, in XML or in JSON."""
    assert answer.status == 400, (answer.status, answer.text)
    if answer.headers["Content-Type"] == "application/problem+json":
        told = answer.json
        assert (told["status"], told["code"]) == (400, "invalid_body"), told
        return [(one["path"], one.get("line"), one["detail"]) for one in told["errors"]]
    assert answer.headers["Content-Type"] == "application/problem+xml; charset=utf-8"
    assert (answer.value("status"), answer.value("code")) == ("400", "invalid_body"), answer.text
    return [
        (
            one.findtext(f"{PROBLEM}path"),
            int(line) if (line := one.findtext(f"{PROBLEM}line")) else None,
            one.findtext(f"{PROBLEM}detail"),
        )
        for one in answer.xml.findall(f"{PROBLEM}errors/{PROBLEM}i")
    ]


def sentences_of(answer):
    """The sentences alone."""
    return [sentence for _, _, sentence in faults_of(answer)]


def as_json(element):
    """What the JSON representation must be, given the XML one: the same names, nesting and order."""
    if element.tag in BOOLEANS:
        return {"true": True, "false": False}[element.text]
    if len(element) == 0 and element.tag not in CONTAINERS:
        return int(element.text) if element.tag in {"RecordVersionNumber", "Percent"} else element.text or ""
    content = {}
    for child in element:
        if child.tag in REPEATED:
            content.setdefault(child.tag, []).append(as_json(child))
        else:
            content[child.tag] = as_json(child)
    for name in CONTAINERS.get(element.tag, ()):
        content.setdefault(name, [])
    return content | dict(element.attrib)


CONTAINERS = {
    "Savings": ["SavingGoal"],
    "Contributions": ["Contribution"],
    "Refunds": ["Refund"],
    "Matchers": ["Matcher"],
    "History": ["Change"],
    "PaymentProviders": ["PaymentProvider"],
    "Metadata": ["Item"],
    "SuggestedAmounts": ["Amount"],
}
REPEATED = {"SavingGoal", "Contribution", "PaymentProvider", "Item", "Refund", "Change", "Matcher"}
BOOLEANS = {"Anonymous", "AcceptsGifts", "Test"}
