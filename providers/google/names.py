"""The partner's name in Google's sheet.

https://developers.google.com/pay/api/web/reference/request-objects#MerchantInfo, read in November 2026.
Google sets no length; the sheet has one line.
"""

from providers.kit.names import cut, one_line

LONGEST = 100


def merchant_name(name: str) -> str:
    """merchantInfo.merchantName, in UTF-8; perhaps empty."""
    return cut(one_line(name), LONGEST)
