"""A goal that is sent back over a real connection, with its length told and in chunks."""

from urllib.parse import urlsplit

from tests.api.serving import chunks, value
from tests.conftest import contribution_xml, goal_xml


def test_a_large_goal_goes_back_over_a_socket(server):
    """And each notice comes in a line of its own."""
    _, made, _ = server.ask("POST", "/api/savings", goal_xml())
    path = urlsplit(made["Location"]).path
    gifts = "<Contributions>" + contribution_xml(Message="x" * 1000) * 700 + "</Contributions>"
    body = goal_xml(ExternalItemId="", ExternamItemId="1", EndDate="2031-12-25T00:00:00", RecordVersionNumber="1")
    large = body.replace("<Name>", f"{gifts}<Name>").encode()
    status, headers, told = server.ask("PUT", path, large)
    assert (status, value(told, "RecordVersionNumber"), len(headers.get_all("Notice"))) == (200, "2", 2), told
    head = server.head("PUT", path, Transfer_Encoding="chunked") + b"\r\n"
    again = large.replace(b"Number>1<", b"Number>2<")
    status, _, told = server.raw(head, chunks(again, 50_000), b"0\r\n\r\n", verb="PUT")
    assert (status, value(told, "RecordVersionNumber")) == (200, "3"), told
