"""What was not quite right about a body and could be read all the same: told, or refused."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Repair:
    """One thing that was repaired, in three parts of a sentence, in ASCII and without commas.

    A notice is a member of a list in a header (RFC 9110, 5.6.1): a proxy may join several by commas.
    """

    reason: str
    """What is not quite right: "EndDate has no offset"."""
    done: str
    """How it was read: "it was taken as UTC"."""
    right: str
    """What to send: "write 2031-12-25T00:00:00Z"."""

    @property
    def notice(self) -> str:
        """What is told where it was repaired."""
        return f"{self.reason}; {self.done}: {self.right}."

    @property
    def fault(self) -> str:
        """What is told where it is refused."""
        return f"{self.reason}: {self.right}."


@dataclass
class Sent:
    """What all Nodes of one body share: the format that it came in, and what was repaired.

    `is_strict`: the client wants to be refused where something would have to be repaired.
    """

    is_json: bool = False
    is_strict: bool = False
    repairs: list[Repair] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """Sentences about what came of it, where nothing had to be repaired."""

    def tell(self, repair: Repair) -> None:
        """Each thing once, however often it was repaired."""
        if repair not in self.repairs:
            self.repairs.append(repair)
