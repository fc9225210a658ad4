"""What visitors have typed into the shop's forms, and what is wrong with it."""

import re
from dataclasses import dataclass, field
from typing import ClassVar, Self

from django.http import HttpRequest
from whipround import Problem, new_idempotency_key

_IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that the API does not take: what a keyboard or a clipboard slipped in, and nobody sees."""

_WRONG_PIN = frozenset({"pin_needed", "pin_wrong", "pin_locked"})
_OVER = frozenset({"wrong_claim_code", "cannot_claim", "balance_too_low", "pledge_not_covered"})
"""What may be otherwise at the next try, which is an intent of its own: the refusal is the answer to this one for good."""


@dataclass
class Form:
    """What a visitor has typed, and what is wrong with it: `faults` by field, `fault` with the whole."""

    FIELDS: ClassVar[dict[str, tuple[str, str]]] = {}
    """The API's elements, by the names of the form's fields and the words that a visitor knows them by."""

    values: dict[str, str] = field(default_factory=dict)
    idempotency_key: str = field(default_factory=new_idempotency_key)
    """Made with the form: however often the same form is sent, it makes one of what it makes."""
    fault: str = ""
    faults: dict[str, str] = field(default_factory=dict)

    @classmethod
    def sent_with(cls, request: HttpRequest) -> Self:
        names = [name for name, _ in cls.FIELDS.values()]
        form = cls(values={name: typed(request, name) for name in names})
        key = typed(request, "idempotency_key")
        if _IDEMPOTENCY_KEY.fullmatch(key):
            form.idempotency_key = key
        return form

    def say(self, problem: Problem) -> None:
        """Put the API's objections next to the fields that they are about."""
        for fault in problem.faults:
            element = fault.path.rpartition("/")[2]
            name, label = self.FIELDS.get(element, ("", ""))
            if name:
                self.faults[name] = label + fault.sentence.removeprefix(element)
            else:
                self.fault = fault.sentence
        if problem.code == "idempotency_key_reused":
            self.idempotency_key = new_idempotency_key()
            self.fault = "You have sent this form before, with something else in it. To give a second time, send it once more."
        elif problem.code in _WRONG_PIN:
            self.idempotency_key = new_idempotency_key()
            self.faults["pin"] = _of_pin(problem)
        elif not problem.faults:
            self.fault = problem.detail
            if problem.code in _OVER:
                self.idempotency_key = new_idempotency_key()


@dataclass
class ChipInForm(Form):
    """A gift."""

    FIELDS: ClassVar[dict[str, tuple[str, str]]] = {
        "Contributor": ("name", "Your name"), "Message": ("message", "Your message"), "Amount": ("amount", "The amount"),
    }  # fmt: skip


@dataclass
class RememberForm(Form):
    """Who is to be known again, and what they will agree to."""

    FIELDS: ClassVar[dict[str, tuple[str, str]]] = {
        "Name": ("name", "Your name"), "MaximumAmount": ("maximum", "The most for one gift"), "Pin": ("new_pin", "The PIN"),
    }  # fmt: skip


@dataclass
class PledgeForm(Form):
    """So much every so often."""

    FIELDS: ClassVar[dict[str, tuple[str, str]]] = {"Amount": ("amount", "The amount"), "Every": ("every", "How often")}


@dataclass
class CertificateForm(Form):
    """A certificate to be bought."""

    FIELDS: ClassVar[dict[str, tuple[str, str]]] = {
        "RecipientName": ("recipient", "The name"), "Message": ("message", "Your message"), "Amount": ("amount", "The amount"),
    }  # fmt: skip


@dataclass
class ClaimForm(Form):
    """A certificate's code."""

    FIELDS: ClassVar[dict[str, tuple[str, str]]] = {"Name": ("name", "Your name"), "ClaimCode": ("code", "The code")}


def _of_pin(problem: Problem) -> str:
    """The service speaks to the shop of its giver; the shop speaks to the visitor."""
    if problem.code == "pin_needed":
        return "Your PIN is needed."
    return problem.detail.replace("the giver's", "your")


def typed(request: HttpRequest, name: str) -> str:
    """What stands in a field, without what the API does not take; blanks around it stay in a message alone."""
    value = _NOT_IN_XML.sub("", request.POST.get(name, ""))
    return value if name == "message" else value.strip()
