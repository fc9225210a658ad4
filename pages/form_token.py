"""The token in the forms of /pay/{id}: good once, since it names the version of the gift, which changes with what a form does.

It holds no secret of the giver's and needs no cookie: only who was shown the page has it.
"""

from django.core.signing import BadSignature, Signer

from contributions.models import Contribution


def token_of(contribution: Contribution) -> str:
    """For the form of a page that shows the contribution as it is."""
    return Signer(salt="pay page").sign(_named(contribution))


def is_token_of(contribution: Contribution, told: str) -> bool:
    """Whether it was given out for this contribution as it still is."""
    try:
        return Signer(salt="pay page").unsign(told) == _named(contribution)
    except BadSignature:
        return False


def _named(contribution: Contribution) -> str:
    return f"{contribution.public_id}.{contribution.version}"
