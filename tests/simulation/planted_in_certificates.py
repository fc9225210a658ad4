"""Small mistakes with gift certificates, found by histories of certificates.py or by a probe of probes.py."""

from tests.simulation.planted_bugs import Bug
from tests.simulation.planting import expression, instead

SIDE = "certificates"

BUGS = (
    Bug(
        "a balance is read, lowered and written",
        "a-certificate-is-spent-in-the-database",
        instead(
            "if kind is Kind.SPENT:\n"
            "    less = {'balance_minor': certificate.balance_minor - minor, 'spent_minor': certificate.spent_minor + minor}\n"
            "    also = {**(also or {}), **less}"
        ),
        probe="two spend the same certificate",
    ),
    Bug(
        "whoever comes last has claimed it",
        "a-certificate-is-claimed-once",
        instead("unclaimed = mine"),
        probe="two claim the same certificate",
    ),
    Bug(
        "a refund gives back to nobody",
        "a-refund-goes-back-to-certificates",
        instead("pass"),
        side=SIDE,
        seed=2,
    ),
    Bug(
        "a refund gives back twice",
        "what-comes-back-is-what-was-taken",
        expression("min(minor, taken[certificate.pk])", "taken[certificate.pk]"),
        side=SIDE,
        seed=2,
    ),
    Bug(
        "what has expired is spent",
        "what-has-expired-is-not-spent",
        instead("return Q()"),
        side=SIDE,
        seed=50,
    ),
    Bug(
        "what a refund has set aside is spent",
        "what-a-refund-has-set-aside-is-held",
        instead("held = 0"),
        side=SIDE,
        seed=4,
    ),
    Bug(
        "a chargeback leaves the balance alone",
        "a-certificate-follows-its-purchase",
        expression("purchase.reversed_minor", "0"),
        side=SIDE,
        seed=8,
    ),
)
