"""Where webhooks may go: nothing that leads inside gets a connection, however it is spelled."""

import socket
import threading

import pytest
import urllib3

from notifications import addresses
from notifications.posting import post

pytestmark = pytest.mark.no_database

INSIDE = [
    # This machine, in every spelling
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.0.0.1.",
    "0x7f.1", "0", "0.0.0.0", "0x0", "00", "127.255.255.254", "localhost", "LOCALHOST", "localhost.", "a.localhost",  # noqa: S104
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]",
    "[::127.0.0.1]", "[::ffff:0:127.0.0.1]",
    # Through a translator
    "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:1::1]",
    "[2002:a9fe:a9fe::]", "[2001::7f00:1]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    # Private networks
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.1.1", "0xc0a80001", "3232235521",
    "[fc00::1]", "[fd12:3456:789a::1]", "[fec0::1]", "[::ffff:10.0.0.1]", "[::ffff:192.168.0.1]",
    # Link-local, and where clouds keep their secrets
    "169.254.169.254", "169.254.170.2", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[fe80::1]", "[fe80::1%25lo]",
    "[fe80::1%lo]", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "100.100.100.200", "168.63.129.16", "192.0.0.192",
    "metadata.google.internal",
    # Carrier-grade NAT, benchmarks, documentation, multicast, reserved
    "100.64.0.1", "100.127.255.254", "198.18.0.1", "198.19.255.254", "192.0.2.1", "198.51.100.1", "203.0.113.1",
    "192.88.99.1", "192.0.0.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "[ff02::1]", "[ff0e::1]",
    "[2001:db8::1]", "[2001:2::1]", "[2001:10::1]", "[3fff::1]", "[100::1]", "[5f00::1]", "[3ffe::1]",
    # Another host than it seems
    "user@127.0.0.1", "example.com@127.0.0.1", "127.0.0.1#@example.com", "127.0.0.1\\@example.com", "example.com\\.127.0.0.1",
    "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "local\u00adhost", "127.0.0.1%00.example.com", "127.0.0.1%0d%0a",
    "[127.0.0.1]", "[::1", "::1", "[::1]a", "[v1.fe80::a]", "",
    "evil.com[2606:4700::1111]", "evil.com[::1]", "[2606:4700::1111]b",
]  # fmt: skip


class Watched:
    """Somebody who listens on this machine, and counts who comes."""

    def __init__(self) -> None:
        self.visits = 0
        self.sockets = []
        for family, host in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104 - all of this machine's
            listening = socket.socket(family)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                listening.bind((host, self.sockets[0].getsockname()[1] if self.sockets else 0))
            except OSError:
                continue  # a machine without IPv6
            listening.listen()
            self.sockets.append(listening)
            threading.Thread(target=self._count, args=[listening], daemon=True).start()
        self.port = self.sockets[0].getsockname()[1]

    def _count(self, listening: socket.socket) -> None:
        while True:
            try:
                visitor, _ = listening.accept()
            except OSError:
                return
            self.visits += 1
            visitor.close()


@pytest.fixture
def watched():
    listening = Watched()
    yield listening
    for one in listening.sockets:
        one.shutdown(socket.SHUT_RDWR)
        one.close()


def test_no_spelling_of_an_inner_address_is_stored_or_called(watched, names):
    """However the name would be resolved: the resolver here says what a machine's own would."""
    names |= {"localhost": ["127.0.0.1", "::1"], "a.localhost": ["127.0.0.1"], "metadata.google.internal": ["169.254.169.254"]}
    for spelling in INSIDE:
        for scheme in ("http", "https"):
            url = f"{scheme}://{spelling}:{watched.port}/hooks"
            with pytest.raises(addresses.BadAddress):
                addresses.check(url)
            answer = post(url, {}, b"{}", seconds=2)
            assert answer.failure in {"bad_address", "not_public"}, url
    assert (watched.visits, len(set(INSIDE)) > 100) == (0, True)
    settled = post(f"http://127.0.0.1:{watched.port}/", {}, b"")
    assert settled.failure == "not_public"


def test_the_listener_counts_whoever_comes(watched, settings):
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    post(f"http://127.0.0.1:{watched.port}/", {}, b"{}", seconds=2)
    assert watched.visits == 1


@pytest.mark.parametrize("inner", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "fe80::1%eth0", "64:ff9b::7f00:1"])
@pytest.mark.parametrize("public", [[], ["198.41.0.4"]], ids=["alone", "after a public one"])
def test_a_name_that_leads_inside_is_refused_whenever_used(watched, names, inner, public):
    names["shop.example"] = [*public, inner]
    url = f"http://shop.example:{watched.port}/hooks"
    with pytest.raises(addresses.NotPublic):
        addresses.check(url)
    assert post(url, {}, b"{}", seconds=2).failure == "not_public"
    assert watched.visits == 0


def test_a_name_that_changes_its_mind_is_not_asked_twice(watched, monkeypatch):
    """DNS rebinding: whoever looked the name up again when connecting would come to the listener."""
    asked = []

    def rebinding(host, port):
        asked.append(host)
        return ["198.41.0.4"] if len(asked) == 1 else ["127.0.0.1"]

    connected_to = []

    def no_route(address, *_, **__):
        connected_to.append(address)
        raise ConnectionRefusedError

    addresses.use(rebinding)
    monkeypatch.setattr(urllib3.util.connection, "create_connection", no_route)
    try:
        assert post(f"http://shop.example:{watched.port}/", {}, b"{}", seconds=2).failure == "connection_failed"
    finally:
        addresses.use(None)
    assert connected_to == [("198.41.0.4", watched.port)]
    assert asked == ["shop.example"]
    assert watched.visits == 0


def test_a_name_that_is_not_found_now_may_be_stored(names):
    addresses.check("https://shop.example/hooks")
    assert post("https://shop.example/hooks", {}, b"{}", seconds=2).failure == "name_not_found"


def test_a_resolver_that_hangs_is_left_behind(monkeypatch):
    hanging = threading.Event()
    addresses.use(lambda host, port: hanging.wait(30) and [])
    try:
        assert post("https://shop.example/", {}, b"{}", seconds=0.2).failure == "name_not_found"
    finally:
        hanging.set()
        addresses.use(None)


@pytest.mark.parametrize("outer", ["8.8.8.8", "1.1.1.1", "198.41.0.4", "[2606:4700:4700::1111]", "[2a00:1450:4001:80b::200e]"])
def test_public_addresses_are_public(outer):
    addresses.check(f"https://{outer}/hooks")
    assert addresses.addresses_of(addresses.read(f"https://{outer}/hooks"), seconds=1) == [outer.strip("[]")]


@pytest.mark.parametrize("port", [22, 25, 53, 110, 587, 6667])
def test_a_port_where_something_else_listens_is_refused(port):
    url = f"http://198.41.0.4:{port}/"
    with pytest.raises(addresses.BadAddress, match=f"must not name port {port}"):
        addresses.check(url)
    assert post(url, {}, b"{}", seconds=1).failure == "bad_address"


def test_a_laptop_may_call_itself(settings):
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    for url in ("http://127.0.0.1:8000/hooks", "http://localhost:3000/", "http://[::1]:9/", "http://10.0.0.1/"):
        addresses.check(url)


def test_the_parts_of_a_url():
    target = addresses.read("https://Shop.Example.:8443/hooks?a=1")
    assert (target.scheme, target.host, target.port, target.target) == ("https", "shop.example", 8443, "/hooks?a=1")
    assert target.host_header == "shop.example:8443"
    assert addresses.read("https://shop.example").target == "/"
    assert addresses.read("http://[2606:4700:4700::1111]").host_header == "[2606:4700:4700::1111]"
