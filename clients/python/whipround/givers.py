"""Givers whom you know again, their PINs, and what they have agreed to once and for all."""

from collections.abc import Iterator
from typing import Any

from whipround.reading import Amount, written
from whipround.records import Giver, Permission
from whipround.requests_of import Requests, given


class Givers(Requests):
    """What can be done with givers and their standing permissions."""

    def create_giver(
        self, *, external_id: str, name: str | None = None, email: str | None = None, idempotency_key: str | None = None
    ) -> Giver:
        """A giver. `external_id` is your own id of them; raises Conflict where another giver of yours has it."""
        body = written(Giver, given(locals(), but="idempotency_key"))
        return self._act(Giver, "Givers", body=body, idempotency_key=idempotency_key)

    def get_giver(self, giver_id: str) -> Giver:
        return self._one(Giver, self.connection.call("GET", "Giver", giver_id))

    def find_giver(self, external_id: str) -> Giver | None:
        """The giver with this id of yours; None where there is none."""
        return next(self.list_givers(external_id=external_id, limit=1), None)

    def list_givers(self, *, external_id: str | None = None, limit: int = 50) -> Iterator[Giver]:
        """Yours, newest first, page by page as you go."""
        return self._pages(Giver, "Givers", query={"ExternalId": external_id}, limit=limit)

    def update_giver(self, giver_id: str, version: int, **changes: Any) -> Giver:
        """Change what is named; None takes `name` or `email` away. Raises VersionConflict."""
        body = written(Giver, changes) | {"RecordVersionNumber": version}
        return self._one(Giver, self.connection.call("PATCH", "Giver", giver_id, body=body))

    def erase_giver(self, giver_id: str) -> None:
        """Erase the person: the permissions are over, and what names them is replaced. The amounts stay."""
        self.connection.call("DELETE", "Giver", giver_id)

    def rotate_giver_page(self, giver_id: str, *, idempotency_key: str | None = None) -> Giver:
        """Another `giver_url`; the one before is over."""
        return self._act(Giver, "Giver", giver_id, "Rotate", idempotency_key=idempotency_key)

    def set_pin(self, giver_id: str, pin: str, *, old: str | None = None, idempotency_key: str | None = None) -> None:
        """A PIN of 4 to 8 digits. Where one is set already, `old` is that one.

        Raises Forbidden where it is not, and Problem with status 423 where too many wrong ones have locked it.
        """
        body = {"Pin": pin} | ({"Verify": old} if old is not None else {})
        self.connection.call("POST", "Giver", giver_id, "Pin", body=body, idempotency_key=idempotency_key)

    def verify_pin(self, giver_id: str, pin: str, *, idempotency_key: str | None = None) -> None:
        """Raises Forbidden where this is not the giver's PIN, and Problem with status 423 where it is locked."""
        self.connection.call("POST", "Giver", giver_id, "Pin", body={"Verify": pin}, idempotency_key=idempotency_key)

    def remove_pin(self, giver_id: str) -> None:
        """For a giver who has forgotten it, and whom you know otherwise. Its lock goes with it."""
        self.connection.call("DELETE", "Giver", giver_id, "Pin")

    def ask_permission(
        self,
        giver_id: str,
        *,
        provider_name: str,
        currency: str,
        maximum_amount: Amount,
        maximum_total: Amount | None = None,
        end_date: str | None = None,
        confirmation_url: str | None = None,
        cancel_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> Permission:
        """Ask the giver to agree: send their browser to its `permission_url` next. It is Requested until they have."""
        body = written(Permission, given(locals(), but="giver_id idempotency_key"))
        return self._act(Permission, "Giver", giver_id, "Permissions", body=body, idempotency_key=idempotency_key)

    def get_permission(self, permission_id: str) -> Permission:
        return self._one(Permission, self.connection.call("GET", "Permission", permission_id))

    def list_permissions(self, giver_id: str, *, limit: int = 50) -> Iterator[Permission]:
        """A giver's, newest first, page by page as you go."""
        return self._pages(Permission, "Giver", giver_id, "Permissions", query={}, limit=limit)

    def revoke_permission(self, permission_id: str, *, etag: str | None = None) -> None:
        """Take it back, here and at the provider. It can be read all the same."""
        self.connection.call("DELETE", "Permission", permission_id, headers={"If-Match": etag} if etag else None)
