"""PayPal, where the service is one of its approved partners for marketplaces and platforms: a fee can be kept for it.

https://developer.paypal.com/docs/multiparty/, read in November 2026
"""

from providers.base import Capability
from providers.paypal import amounts
from providers.paypal.adapter import PayPalProvider


class PayPalPartnerProvider(PayPalProvider):
    """Meets providers.shares.TakesPlatformFees besides."""

    wallets_are_saved_for = "PLATFORM"
    capabilities = PayPalProvider.capabilities | {Capability.TAKES_PLATFORM_FEES}

    def fee_step_minor(self, currency: str) -> int:
        return amounts.step_minor(currency)
