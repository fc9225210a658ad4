"""Who or what made something happen: written beside every change of status and every entry in the books."""

from enum import StrEnum


class Cause(StrEnum):
    """Who or what made us ask, or act."""

    RETURN = "return"  # the giver came back from the provider
    PAY = "pay"  # the giver pressed the provider's button on our own page
    CANCEL = "cancel"  # the giver came back by the provider's cancel link
    PICK = "pick"  # the giver picked a provider on our page
    WEBHOOK = "webhook"  # the provider's webhook event
    WORKER = "worker"  # the worker's round
    CLIENT = "client"  # the partner, through the API
    PROVIDER = "provider"  # the provider, of its own accord or in its dashboard
    OPERATOR = "operator"  # whoever runs a command, or orders something in the console
    SERVICE = "service"  # this service: money that nobody wanted goes back, or a pledge is over
    MATCHER = "matcher"  # this service: another gift has moved, which this one matches
    IMPORT = "import"  # whoever runs `manage.py import_gifts`


BY_WISH = frozenset({Cause.CLIENT, Cause.OPERATOR})
"""Whose refunds are wished for: of a gift that is Settled, and told to the giver as given back by the partner."""
