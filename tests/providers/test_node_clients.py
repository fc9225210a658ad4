"""What `make opinions` installs: everywhere the same, from whichever registry there is."""

import json

from tests.providers.node_client import HERE

LOCKED = json.loads((HERE / "package-lock.json").read_text())["packages"]


def test_lock_names_packages_by_hash_and_no_registry():
    """The lock says what to install by its hash and not where from."""
    installed = {name: told for name, told in LOCKED.items() if name}
    assert "node_modules/sns-validator" in installed
    for name, told in installed.items():
        assert told["integrity"].startswith("sha512-"), name
        assert "resolved" not in told, name


def test_the_lock_is_that_of_the_wishes_and_those_are_exact():
    wishes = json.loads((HERE / "package.json").read_text())["dependencies"]
    assert LOCKED[""]["dependencies"] == wishes
    assert {name: LOCKED[f"node_modules/{name}"]["version"] for name in wishes} == wishes
