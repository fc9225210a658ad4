"""What can go wrong, each as an exception of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whipround.reading import Record


class WhiproundError(Exception):
    """Everything that this package raises on purpose."""


class ServiceUnreachable(WhiproundError):
    """No answer within the time allowed. What was sent may have been done all the same.

    `idempotency_key`: what a POST was sent under; send the same again with it, now or tomorrow, and it is done once.
    """

    def __init__(self, message: str, idempotency_key: str | None = None) -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key


class UnexpectedAnswer(WhiproundError):
    """An answer that Whipround does not give: a proxy's page, or another service at this address."""


class VerificationFailed(WhiproundError):
    """A webhook or a bounce is not genuine, or is too old; the message says which. Do not believe what it says."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a body: where (`Contribution/Amount`), and a sentence that says what would be right."""

    path: str
    sentence: str
    line: int | None = None


class Problem(WhiproundError):
    """The service said no (RFC 9457). `code` is for programs, `detail` for people, `faults` say what is wrong with a body."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        faults: tuple[Fault, ...] = (),
        *,
        title: str = "",
        type: str = "",  # noqa: A002 - its name in RFC 9457
        document: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail, self.faults = status, code, detail, faults
        self.title, self.type = title, type
        self.document: Mapping[str, Any] = document or {}
        """The problem document as it came."""
        self.request_id = str(self.document.get("request_id", ""))
        """What to name to the operator, who finds the request in the service's log by it; empty where it was not said."""
        self.retry_after = retry_after
        """After how many seconds the same may be tried again, where the service says so."""
        self.idempotency_key = idempotency_key
        """What a POST was sent under. A request that is refused does not use it up."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is wrong: a sentence for each fault, else what stands in `detail`."""
        return tuple(fault.sentence for fault in self.faults) or (self.detail,)


class BadRequest(Problem):
    """400, 405, 406, 413, 414, 415, 422, 431: the request has to be mended."""


class Unauthorized(Problem):
    """401: the key is missing, unknown, revoked or expired."""


class Forbidden(Problem):
    """403: the record is another partner's, or the key may not do this."""


class NotFound(Problem):
    """404: there never was such a record, or it is deleted."""


class Conflict(Problem):
    """409: not as things stand; `code` says why."""


class VersionConflict(Conflict):
    """409, 412, 428: the record is not at the version that the change names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.after_lost_answer = False
        """The answer to an earlier try got lost: it may be this very change that moved the version on."""

    @property
    def current_version(self) -> int | None:
        """The version that the record is at now."""
        given = self.document.get("RecordVersionNumber")
        return int(given) if given is not None else None

    @property
    def differs(self) -> tuple[str, ...] | None:
        """The elements that the change would alter in the record as it is now, where the service tells them.

        None of them: the record has all of it already.
        """
        given = self.document.get("Differs")
        return tuple(str(name) for name in given) if isinstance(given, list) else None

    @property
    def current(self) -> "Record | None":
        """The record as it is now, where the service tells it."""
        from whipround.records import RECORDS  # records.py knows the errors

        for name in ("SavingGoal", "Contribution", "PaymentAccount", "WebhookEndpoint", "RedirectSecret"):
            if isinstance(self.document.get(name), dict):
                return RECORDS[name].read(self.document[name])
        return None


class TooManyRequests(Problem):
    """429: the same request after `retry_after` seconds."""


class ProviderRefused(Problem):
    """502: the payment provider said no, and a gift is recorded as Failed. What helps depends on `reason`; `detail` says it."""

    @property
    def contribution_id(self) -> str | None:
        """The gift that was recorded."""
        given = self.document.get("Id")
        return str(given) if given is not None else None

    @property
    def reason(self) -> str | None:
        """The provider's reason, a short code such as `payee_cannot_receive`."""
        given = self.document.get("StatusReason", self.document.get("StateReason"))
        return str(given) if given is not None else None


class ServiceFailed(Problem):
    """500, 503: the service could not, or its provider was silent. The same can be tried again later."""


_BY_STATUS: dict[int, type[Problem]] = {
    401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict, 412: VersionConflict, 428: VersionConflict,
    429: TooManyRequests, 502: ProviderRefused,
}  # fmt: skip


def problem_of(status: int, document: Mapping[str, Any], *, retry_after: float | None, idempotency_key: str | None) -> Problem:
    """The exception for a problem document."""
    code = str(document.get("code", ""))
    kind = _BY_STATUS.get(status) or (BadRequest if status < 500 else ServiceFailed)
    if status == 409 and code.startswith("stale_"):
        kind = VersionConflict
    given = document.get("errors")
    faults = tuple(
        Fault(str(one.get("path", "")), str(one.get("detail", "")), one.get("line"))
        for one in (given if isinstance(given, list) else [])
        if isinstance(one, dict)
    )
    return kind(
        status,
        code,
        str(document.get("detail", "")),
        faults,
        title=str(document.get("title", "")),
        type=str(document.get("type", "")),
        document=document,
        retry_after=retry_after,
        idempotency_key=idempotency_key,
    )
