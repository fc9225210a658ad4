"""/api/Contributions and /api/Refunds: lists across a partner's goals, in pages or as one CSV file."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api import csv_files, filters
from api.authentication import partner_of
from api.links import url_of
from api.paging import PAGING, given_without_key, page_of
from api.records import contribution as contribution_record
from api.records import refund as refund_record
from api.resources.base import PartnerResource
from api.serializer import Document
from contributions.content import utc_text
from contributions.models import Contribution, Refund
from contributions.status import Status
from money import text_of
from partners import newest
from web import negotiation
from web.problems import BadArgument


class AcrossGoals(PartnerResource):
    """A list of all of a partner's records of one kind."""

    item = ""
    """The element of one of them; its list's is the plural, and so is its path."""
    columns: Sequence[str] = ()
    statuses: tuple[str, ...] = ()
    gift = ""
    """Leads from a row to its contribution, as in a query."""

    class Meta(PartnerResource.Meta):
        list_allowed_methods = ["get"]
        from_replica = frozenset({"get_list"})  # the first piece of a file with it, the others are the primary's

    def rows(self) -> QuerySet[Any]:
        """All that anybody's list may show, with what is needed to write them."""
        raise NotImplementedError

    def content(self, row: Any) -> dict[str, Any]:
        """A row as an element."""
        raise NotImplementedError

    def content_in_file(self, row: Any) -> dict[str, Any]:
        """A row as a line of the file."""
        return self.content(row)

    def determine_format(self, request: HttpRequest) -> str:
        """CSV is one of the formats here."""
        return negotiation.CSV if negotiation.wants_csv(request) else super().determine_format(request)

    def get_list(self, request: HttpRequest) -> HttpResponseBase:
        given = negotiation.arguments(request, (*filters.FILTERS, *PAGING))
        partner = partner_of(request)
        asked = filters.conditions(request, partner, given, statuses=self.statuses, gift=self.gift)
        if self.determine_format(request) == negotiation.CSV:
            own = self.authorized_read_list(self.rows(), self.build_bundle(request=request))
            return self._file(request, own.filter(asked), given)
        found = newest.of_partner(self.rows().filter(asked), partner.pk)
        every = self.authorized_read_list(self.rows().model.objects.all(), self.build_bundle(request=request))
        page, more = page_of(found, every, given, order=newest.ORDER)
        content: dict[str, Any] = {self.item: [self.content(row) for row in page]}
        if more:
            content["Next"] = url_of(f"{self.item}s", **given_without_key(given), after=page[-1].public_id)
        return self.create_response(request, Document(f"{self.item}s", content))

    def _file(self, request: HttpRequest, found: QuerySet[Any], given: dict[str, str]) -> HttpResponseBase:
        if "limit" in given or "after" in given:
            raise BadArgument("A CSV file has all that match: leave limit and after out.")
        pieces = csv_files.pieces_of(found, dated_by=filters.dated_by(given))
        return csv_files.answer(request, f"{self.item}s".lower(), self.columns, pieces, self.content_in_file)


class AllContributionsResource(AcrossGoals):
    """Gifts to any of the partner's goals, deleted goals too. A deleted gift is there where money was taken of it."""

    item = "Contribution"
    columns = tuple(element.name for element in contribution_record.ELEMENTS if not element.write_only)
    statuses = tuple(Status)

    def rows(self) -> QuerySet[Contribution]:
        shown = Contribution.objects.filter(Q(deleted_at=None) | Q(settled_at__isnull=False), goal__certificates_of=None)
        return shown.select_related("goal__partner", "checkout__account")

    def content(self, row: Contribution) -> dict[str, Any]:
        return contribution_record.content(row, row.goal)

    def content_in_file(self, row: Contribution) -> dict[str, Any]:
        """With both sums wherever money was taken, so that columns add up."""
        sums = (
            {}
            if row.settled_minor is None
            else {
                "SettledAmount": text_of(row.settled_minor, row.currency),
                "ReversedAmount": text_of(row.reversed_minor, row.currency),
            }
        )
        return self.content(row) | sums


class AllRefundsResource(AcrossGoals):
    """Refunds of any of the partner's gifts. Not of what a giver paid twice: that was never the partner's."""

    item = "Refund"
    columns = (*(element.name for element in refund_record.ELEMENTS), "Currency", "SettledDate")
    statuses = tuple(Refund.Status.values)
    gift = "contribution__"

    def rows(self) -> QuerySet[Refund]:
        of_its_own = Refund.objects.filter(checkout_number=F("contribution__checkout__number"))
        return of_its_own.filter(contribution__goal__certificates_of=None).select_related("contribution")

    def content(self, row: Refund) -> dict[str, Any]:
        return refund_record.content(row)

    def content_in_file(self, row: Refund) -> dict[str, Any]:
        """With its currency, and when the money went back: what a month's end is added up by."""
        settled_at = None if row.settled_at is None else utc_text(row.settled_at)
        return self.content(row) | {"Currency": row.contribution.currency, "SettledDate": settled_at}
