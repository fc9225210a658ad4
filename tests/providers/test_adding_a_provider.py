"""The provider in docs/adding_a_provider.md is complete: one folder and one line, and it can be paid."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from providers import registry
from providers.base import CheckedProvider, PaymentState, Provider, RefundState
from providers.kit.spec import ProviderSpec
from tests.providers.payment_request import a_request

pytestmark = pytest.mark.no_database

GUIDE = Path(__file__).parents[2] / "docs" / "adding_a_provider.md"


def example() -> Mapping[str, Any]:
    [code] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    space: dict[str, Any] = {}
    exec(compile(code, str(GUIDE), "exec"), space)  # noqa: S102
    return space


def members(protocol: type) -> set[str]:
    return {name for one in protocol.__mro__ for name in {*vars(one), *getattr(one, "__annotations__", {})} if name[0] != "_"}


def test_the_example_is_a_provider():
    adapter = example()["SPEC"].adapter()
    assert {name for name in members(CheckedProvider) | members(Provider) if not hasattr(adapter, name)} == set()
    request = a_request("Yes", "anybody")
    opened = adapter.open_checkout(request, request_id="open")
    assert opened.url.startswith(request.return_url)
    paid = adapter.find(request)
    assert (paid.state, paid.amount_minor, paid.reference) == (PaymentState.CAPTURED, 2000, request.reference)
    assert adapter.capture(request, request_id="capture") == paid
    assert adapter.refund(request, amount_minor=500, reference="r", request_id="refund").state is RefundState.COMPLETED


def test_one_line_registers_it(monkeypatch):
    """Without keys it is offered; what the other providers are made from is in the settings."""
    spec = example()["SPEC"]
    specs = (*registry.SPECS, spec)
    monkeypatch.setattr(registry, "_WITH_KEYS", {one.name: one.adapter for one in specs})
    monkeypatch.setattr(registry, "_NEED_NO_KEYS", frozenset(one.name for one in specs if not one.settings))
    monkeypatch.setattr(registry, "_WITH_TEST_KEYS", {one.name: partial(one.adapter, is_test=True) for one in specs})
    assert registry.adapter_offered("Yes", is_test=False) is spec.adapter()
    in_test = registry.adapter_offered("Yes", is_test=True)
    assert (in_test.key, in_test is spec.adapter()) == (spec.test_key, False)
    assert registry.adapter_offered("PayPal", is_test=True).key == "sandbox"


@pytest.mark.parametrize("spec", registry.SPECS, ids=lambda spec: spec.name)
def test_a_spec_and_the_settings_agree(spec: ProviderSpec):
    """Every setting that a spec needs is one, and its adapter is made once, with its own key."""
    assert [name for name in spec.settings if not hasattr(settings, name)] == []
    assert spec.adapter() is spec.adapter()
    assert registry.adapter(spec.key).key == spec.key
    assert spec.adapter(is_test=True) is spec.adapter(is_test=True)
    assert registry.adapter(spec.test_key).key == spec.test_key
    assert len(spec.test_key) <= 16, "as long as Checkout.adapter may be"


def test_who_shares_an_account():
    shared = frozenset({"stripe", "google_stripe"})
    assert (registry.adapters_sharing_account("stripe"), registry.adapters_sharing_account("google_stripe")) == (shared, shared)
    assert registry.adapters_sharing_account("paypal") == {"paypal"}
    assert registry.adapters_sharing_account("stripe_test") == {"stripe_test", "google_test"}
    assert registry.adapters_sharing_account("sandbox") == {"sandbox"}
