"""Every provider's side that the world can have, by the name that `tests.simulation.run --provider` takes."""

from collections.abc import Callable, Mapping
from random import Random

from tests.simulation.permissions_at_amazon import PermittingAmazon
from tests.simulation.permissions_at_paypal import PermittingPayPal
from tests.simulation.permissions_at_stripe import PermittingStripe
from tests.simulation.permitting_provider import PermittingProvider
from tests.simulation.provider import TruthfulProvider
from tests.simulation.side import ProviderSide
from tests.simulation.with_amazon import WithAmazon
from tests.simulation.with_google import WithGoogle
from tests.simulation.with_paypal import WithPayPal
from tests.simulation.with_stripe import WithStripe

Side = Callable[[Random, Callable[[str, str], None]], ProviderSide]

ADAPTERS: Mapping[str, Side] = {"amazon": WithAmazon, "google": WithGoogle, "paypal": WithPayPal, "stripe": WithStripe}
"""Real adapters, each in front of its fake."""

PERMITTING_ADAPTERS: Mapping[str, Side] = {"amazon": PermittingAmazon, "paypal": PermittingPayPal, "stripe": PermittingStripe}
"""The same, of those that keep standing permissions."""

SIDES: Mapping[str, Side] = {"simulated": TruthfulProvider, **ADAPTERS}

PERMITTING: Mapping[str, Side] = {"simulated": PermittingProvider, **PERMITTING_ADAPTERS}
