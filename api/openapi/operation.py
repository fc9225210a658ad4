"""What is said of one verb of one path."""

from dataclasses import dataclass

from web.negotiation import VALIDATE_ONLY

CHECKED = (VALIDATE_ONLY,)


@dataclass(frozen=True)
class Operation:
    """One verb of one path.

    `name`: its operationId. `answer`: the root element of a good answer, empty where there is no body. `body`: the record that
    the request holds, empty where it takes none. `refusals`: the codes of api/errors.py that this one can tell, beside those
    that all of its kind can (refusals.py).
    """

    name: str
    tag: str
    about: str
    answer: str = ""
    statuses: tuple[int, ...] = (200,)
    body: str = ""
    arguments: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    """Types of the answer beside those of a record, or in their place where `answer` is empty."""
    body_may_be_left_out: bool = False
