"""What is seen in a statement, and that the recorder sees what the product sends."""

import pytest
from django.db import DatabaseError, connection

from contributions.models import Checkout, Contribution, StatusChange
from tests import recorder
from tests.statements import faults

ALONE = "rows of contributions_contribution by an id alone"
WORDS = {
    "gift": '"contributions_contribution"',
    "checkout": '"contributions_checkout"',
    "by_id": '"contributions_contribution"."id" = %s',
    "named": '"contributions_contribution"."partner_id" = %s',
    "joined": '"contributions_contribution"."checkout_id" = "contributions_checkout"."id"',
    "same": '("contributions_checkout"."partner_id" = ("contributions_contribution"."partner_id"))',
}
CASES = {
    "UPDATE {gift} SET x = %s WHERE {by_id}": [ALONE],
    "UPDATE {gift} SET x = %s WHERE ({by_id} AND {named})": [],
    'UPDATE {gift} SET x = %s WHERE {gift}."status" = %s': [],
    'SELECT 1 FROM {gift} WHERE {gift}."status" = %s FOR UPDATE SKIP LOCKED': ["a lock over all partners"],
    "SELECT 1 FROM {gift} WHERE ({by_id} AND {named}) FOR NO KEY UPDATE": [],
    "SELECT 1 FROM {gift} LEFT OUTER JOIN {checkout} ON ({joined}) WHERE {named}": [
        "a join of contributions_checkout that does not name the partner"
    ],
    "SELECT 1 FROM {gift} LEFT OUTER JOIN {checkout} ON ({joined} AND {same}) WHERE {named}": [],
    'SELECT (SELECT 1 FROM {checkout} U0 WHERE U0."contribution_id" = ({gift}."id")) FROM {gift}': [
        "a subquery of U0 that does not name the partner of contributions_contribution"
    ],
    'SELECT (SELECT 1 FROM {checkout} U0 WHERE (U0."contribution_id" = ({gift}."id") AND '
    'U0."partner_id" = ({gift}."partner_id"))) FROM {gift}': [],
    'SELECT 1 FROM "partners_partner" WHERE "partners_partner"."id" = %s FOR UPDATE': [],
    'UPDATE "sandbox_sandboxcheckout" SET x = %s WHERE "sandbox_sandboxcheckout"."id" = %s': [],
}


@pytest.mark.no_database
@pytest.mark.parametrize(("sql", "told"), CASES.items())
def test_what_is_told_of_a_statement(sql, told):
    assert faults(sql.format(**WORDS)) == told


@pytest.mark.django_db
def test_what_the_models_ask_is_well():
    """A join in either direction, a reverse look-up, a row read by its parent, save(), refresh_from_db()."""
    gift = Contribution(pk=1, partner_id=2)
    for rows in (
        Contribution.objects.whole().filter(partner_id=2, pk=1),
        Checkout.objects.filter(current_of__status="Pending", partner_id=2),
        Checkout.objects.filter(contribution=gift),
        gift.checkouts.all(),
        StatusChange.objects.filter(contribution=gift).select_related("contribution__goal"),
    ):
        assert faults(str(rows.query.sql_with_params()[0])) == [], rows.query
    with connection.execute_wrapper(_only_well):
        with pytest.raises(Contribution.DoesNotExist):
            gift.refresh_from_db()
        with pytest.raises(DatabaseError, match="did not affect any rows"):
            gift.save(update_fields=["status"])


def _only_well(execute, sql, parameters, many, context):
    assert faults(sql) == [], sql
    return execute(sql, parameters, many, context)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="recorded on PostgreSQL")
@pytest.mark.django_db
def test_the_recorder_sees_what_the_product_sends(monkeypatch):
    assert recorder.look_at in connection.execute_wrappers
    monkeypatch.setattr(recorder, "MAY_ASK_EVERY_MACHINE", ())
    monkeypatch.setattr(recorder, "_seen", set())
    Contribution.objects.filter(pk=1).exists()
    (found,) = recorder._found
    recorder._found.clear()
    assert found.startswith("tests/test_statements.py:")
    assert f": {ALONE}: SELECT" in found
