"""Rows of one partner: its number stands in every table that grows, so that a database can be spread by it over machines.

There a key or a join that does not name the partner asks every machine, or is refused (docs/scale.md). What is here makes
Django name it: in the joins and look-ups of a foreign key, in the UPDATE of save(), in refresh_from_db(). On one machine it
costs nothing: a number more in a condition that finds its row by `id` all the same.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models
from django.db.models.expressions import Col
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor, ForwardOneToOneDescriptor
from django.db.models.fields.related_lookups import RelatedExact
from django.db.models.lookups import Exact
from django.db.models.sql.where import AND, WhereNode

Set = TypeVar("Set")
Got = TypeVar("Got")


class OtherPartner(ValueError):
    """A row would have belonged to one partner and hung on a row of another's."""


class RowOfPartner(models.Model):
    """A table with the column `partner_id`, which save() and refresh_from_db() name."""

    class Meta:
        abstract = True

    def refresh_from_db(self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None) -> None:
        """As Django's."""
        partner_id = known_partner_of(self)
        if from_queryset is None and partner_id is not None:
            from_queryset = _rows_of(type(self)).filter(partner_id=partner_id)
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)

    def _do_update(self, base_qs: Any, *arguments: Any) -> bool:
        partner_id = known_partner_of(self)
        named = base_qs if partner_id is None else base_qs.filter(partner_id=partner_id)
        updated: bool = super()._do_update(named, *arguments)
        return updated


def known_partner_of(row: models.Model) -> int | None:
    """The row's partner, where it was read or set; the database is not asked."""
    return row.__dict__.get("partner_id")


def row_key(row: Any) -> dict[str, Any]:
    """What finds the row of the database that this copy was read from, for filter() and get(): its id and its partner."""
    return {"pk": row.pk, "partner_id": row.partner_id}


def key_of(row: Any) -> dict[str, Any]:
    """The same of any row: one that belongs to no partner is found by its id."""
    partner_id = known_partner_of(row)
    return {"pk": row.pk} if partner_id is None else {"pk": row.pk, "partner_id": partner_id}


def this_row(row: Any) -> Any:
    """The same as a queryset."""
    return _rows_of(type(row)).filter(**key_of(row))


def _rows_of(model: type[models.Model]) -> Any:
    return model._base_manager


# --- The column ---------------------------------------------------------------------------------------------------------


class PartnerColumn(models.ForeignKey[Set, Got]):
    """The partner of a row that hangs on another row, kept here too: set with the row that it hangs on (SamePartnerKey).

    In the database it may be empty, since processes of the release before leave it out: a trigger fills it in
    (partners/filling.py). No foreign key of its own: the row it hangs on has one, and `audit` compares the two.
    """

    def __init__(self, to: Any = "partners.Partner", on_delete: Any = models.PROTECT, **how: Any) -> None:
        how |= {"related_name": "+", "db_index": False, "db_constraint": False}
        super().__init__(to, on_delete, **how)

    def deconstruct(self) -> Any:
        name, _, arguments, how = super().deconstruct()
        return name, "django.db.models.ForeignKey", arguments, how | {"null": True}


class OfPartner(RowOfPartner):
    """A row that hangs on another row of the same partner's."""

    partner = PartnerColumn()

    class Meta:
        abstract = True


# --- Foreign keys ---------------------------------------------------------------------------------------------------------


class _CopiesPartner(ForwardManyToOneDescriptor):  # type: ignore[type-arg]
    def __set__(self, instance: Any, value: Any) -> None:
        super().__set__(instance, value)
        _same_partner(instance, value)


class _CopiesPartnerOnce(ForwardOneToOneDescriptor):  # type: ignore[type-arg]
    def __set__(self, instance: Any, value: Any) -> None:
        super().__set__(instance, value)
        _same_partner(instance, value)


def _same_partner(row: models.Model, parent: models.Model | None) -> None:
    partner_id = None if parent is None else known_partner_of(parent)
    if partner_id is None:
        return
    if known_partner_of(row) is None:
        row.partner_id = partner_id  # type: ignore[attr-defined]
    elif known_partner_of(row) != partner_id:
        raise OtherPartner(
            f"a {type(row).__name__} of partner {known_partner_of(row)} cannot hang on {parent!r} of {partner_id}"
        )


class _NamesPartner:
    """For foreign keys among tables that have `partner_id`: their joins and look-ups name it."""

    model: type[models.Model]
    related_model: Any

    def get_extra_restriction(self, alias: str | None, related_alias: str) -> Any:
        """Of a join, in either direction: `alias` is the other table, `related_alias` the one with the foreign key.

        Without an alias the other table is not in the query at all.
        """
        if alias is None:
            return None
        theirs, ours = self.related_model._meta.get_field("partner"), self.model._meta.get_field("partner")
        same: Any = Exact(_column(alias, theirs), _column(related_alias, ours))
        return WhereNode([same], connector=AND)

    def get_extra_descriptor_filter(self, instance: models.Model) -> dict[str, Any]:
        """Of `row.parent`, where that is read by itself."""
        partner_id = known_partner_of(instance)
        return {} if partner_id is None else {"partner_id": partner_id}


class SamePartnerKey(_NamesPartner, models.ForeignKey[Set, Got]):
    """A foreign key to a row of the same partner's. Setting it sets the partner; raises OtherPartner where it has another."""

    forward_related_accessor_class = _CopiesPartner

    def deconstruct(self) -> Any:
        name, _, arguments, how = super().deconstruct()
        return name, "django.db.models.ForeignKey", arguments, how


class SamePartnerOneToOne(_NamesPartner, models.OneToOneField[Set, Got]):
    """The same, where no two rows name one. A constraint of the table says so: it has to include the partner."""

    forward_related_accessor_class = _CopiesPartnerOnce

    def __init__(self, *arguments: Any, **how: Any) -> None:
        super().__init__(*arguments, **how)
        self._unique = False

    def deconstruct(self) -> Any:
        name, _, arguments, how = super().deconstruct()
        return name, "django.db.models.ForeignKey", arguments, how


class _OfTheSamePartner(RelatedExact):
    """`filter(contribution=gift)`, and `gift.checkouts`: the gift's partner is named as well."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        self.partner_id = known_partner_of(rhs) if isinstance(rhs, RowOfPartner) else None
        super().__init__(lhs, rhs)

    def as_sql(self, compiler: Any, connection: Any, **how: Any) -> Any:
        sql, parameters = super().as_sql(compiler, connection, **how)
        if self.partner_id is None or not isinstance(self.lhs, Col):
            return sql, parameters
        named: Any = Exact(_column(self.lhs.alias, self.lhs.target.model._meta.get_field("partner")), self.partner_id)
        named_sql, named_parameters = compiler.compile(named)
        return f"({sql} AND {named_sql})", (*parameters, *named_parameters)


for _key in (SamePartnerKey, SamePartnerOneToOne):
    _key.register_lookup(_OfTheSamePartner)


def _column(alias: Any, field: Any) -> Col:
    return Col(alias, field, models.BigIntegerField())
