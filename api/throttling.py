"""How many requests a partner may make. tastypie asks here before each and tells here of each."""

from tastypie.throttle import BaseThrottle


class PartnerThrottle(BaseThrottle):
    """Lets everything pass: no limit is set (docs/decisions/0014-no-throttling-yet.md).

    `should_be_throttled(identifier)` and `accessed(identifier)` are where one goes; the identifier is the partner's key
    in the database, whichever API key the request came with.
    """
