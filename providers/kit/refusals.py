"""A provider's definite no: what its codes mean, and which of our errors it becomes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from providers.base import PayerActionRequired, ProviderRefused, ProviderUnavailable


class Refused(Exception):
    """A definite no in the provider's own words: nothing was done. Adapters turn it into an error of providers.base."""

    def __init__(self, status: int, codes: tuple[str, ...], told: str, correlation_id: str) -> None:
        super().__init__(f"{status} {told}".strip())
        self.http_status = status
        self.codes = codes
        self.correlation_id = correlation_id


class Then(Enum):
    """What a refusal asks for next."""

    REFUSED = "refused"  # final
    ASK = "ask"  # it may be done already, or be over: the payment is asked about; where it was not done, no is no
    PAYER = "payer"  # the giver has to act first; the checkout stays open
    LATER = "later"  # nobody knows: the same request again, later


@dataclass(frozen=True)
class Meaning:
    """What a refusal asks for next, and the StatusReason or the refund's failure that it gives."""

    then: Then
    reason: str = ""


Meanings = Mapping[str, Meaning]


def final(reason: str, *codes: str) -> dict[str, Meaning]:
    """These codes refuse for good."""
    return dict.fromkeys(codes, Meaning(Then.REFUSED, reason))


def final_refund(failure: str, *codes: str) -> dict[str, Meaning]:
    """These codes refuse a refund for good: `failure` is for operators, not for a contribution's StatusReason."""
    return final(failure, *codes)


def payer_must_act(reason: str, *codes: str) -> dict[str, Meaning]:
    """These codes need the giver."""
    return dict.fromkeys(codes, Meaning(Then.PAYER, reason))


def ask_again(*codes: str, otherwise: str = "") -> dict[str, Meaning]:
    """After these codes the payment itself tells. `otherwise` is the reason of the refusal where it shows that nothing was
    done; without one that contradicts the code, and the outcome is unknown."""
    return dict.fromkeys(codes, Meaning(Then.ASK, otherwise))


def later(*codes: str) -> dict[str, Meaning]:
    """These codes tell nothing of the outcome."""
    return dict.fromkeys(codes, Meaning(Then.LATER))


SAYS_NOTHING = frozenset({401, 408, 409, 424, 425, 429})
"""A 4xx that refuses nothing for good: our keys, a time-out, another request at the same object, somebody behind the provider,
too many requests. https://www.rfc-editor.org/rfc/rfc9110#section-15.5; 424 as Stripe uses it, https://docs.stripe.com/api/errors
"""


def is_definite(status: int) -> bool:
    """Whether a status says no, if the answer is the provider's own."""
    return 400 <= status < 500 and status not in SAYS_NOTHING


@dataclass(frozen=True)
class RefusalTable:
    """A provider's codes. `by_status`: a refusal without a code that stands here.

    Any other definite no is looked into once: the payment shows whether it was done all the same; where it was not, no is no.
    """

    by_code: Meanings
    by_status: Mapping[int, Meaning]

    def meaning_of(self, status: int, codes: Iterable[str]) -> Meaning:
        """The first code that stands here counts."""
        known = next((self.by_code[one] for one in codes if one in self.by_code), None)
        otherwise = Meaning(Then.ASK, "request_rejected") if is_definite(status) else Meaning(Then.LATER)
        return known or self.by_status.get(status, otherwise)

    def meaning(self, refusal: Refused) -> Meaning:
        """What to make of a refusal."""
        return self.meaning_of(refusal.http_status, refusal.codes)

    def error_of(self, refusal: Refused, *, url: str = "") -> ProviderRefused | ProviderUnavailable:
        """Our error for it; `url` is where the giver can act, if it takes the giver."""
        return error_of(refusal, self.meaning(refusal), url=url)


def error_of(refusal: Refused, meaning: Meaning, *, url: str = "") -> ProviderRefused | ProviderUnavailable:
    """Our error for a refusal of this meaning, once whoever can ask about the payment has done so."""
    if meaning.then is Then.LATER or not meaning.reason:
        return ProviderUnavailable(f"refused in words that tell no outcome: {refusal}")
    if meaning.then is Then.PAYER:
        return PayerActionRequired(meaning.reason, str(refusal), correlation_id=refusal.correlation_id, url=url)
    return ProviderRefused(meaning.reason, str(refusal), correlation_id=refusal.correlation_id)


def lookup_error_of(refusal: Refused, operation: str) -> ProviderRefused | ProviderUnavailable:
    """Our error where a question about a checkout was refused: a 404 says that there is none, anything else says nothing."""
    if refusal.http_status == 404:
        return ProviderRefused("unknown_checkout", str(refusal), correlation_id=refusal.correlation_id)
    return ProviderUnavailable(f"{operation}: {refusal}")
