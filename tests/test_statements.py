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
NOT_TIED = "contributions_checkout is not tied to contributions_contribution by the partner"
CASES = {
    "UPDATE {gift} SET x = %s WHERE {by_id}": [ALONE],
    "UPDATE {gift} SET x = %s WHERE ({by_id} AND {named})": [],
    'UPDATE {gift} SET x = %s WHERE {gift}."status" = %s': [],
    'DELETE FROM {gift} WHERE {gift}."id" IN (%s, %s)': [ALONE],
    'DELETE FROM {gift} WHERE ({gift}."id" IN (%s, %s) AND {named})': [],
    "SELECT 1 FROM {gift} WHERE ({by_id} OR {named})": [],
    "SELECT 1 FROM {gift} WHERE ({by_id} AND ({named} OR x))": [ALONE],
    'SELECT 1 FROM {gift} WHERE {gift}."status" = %s FOR UPDATE SKIP LOCKED': ["a lock over all partners"],
    "SELECT 1 FROM {gift} WHERE ({by_id} AND {named}) FOR NO KEY UPDATE": [],
    # joins
    "SELECT 1 FROM {gift} LEFT OUTER JOIN {checkout} ON ({joined}) WHERE {named}": [NOT_TIED],
    "SELECT 1 FROM {gift} LEFT OUTER JOIN {checkout} ON ({joined} AND {same}) WHERE {named}": [],
    "SELECT 1 FROM {gift} LEFT OUTER JOIN {checkout} ON ({joined} OR {same}) WHERE {named}": [NOT_TIED],
    'SELECT 1 FROM {gift} INNER JOIN {checkout} ON ({joined}) WHERE ({named} AND {checkout}."partner_id" = %s)': [],
    'SELECT 1 FROM {gift} INNER JOIN "partners_partner" ON {gift}."partner_id" = "partners_partner"."id"': [],
    'SELECT 1 FROM {gift} INNER JOIN "console_operator" ON x = y WHERE {named}': [
        "contributions_contribution beside console_operator, which is on one machine"
    ],
    # subqueries
    'SELECT (SELECT 1 FROM {checkout} U0 WHERE U0."contribution_id" = ({gift}."id")) FROM {gift}': [
        "contributions_checkout U0 is not tied to contributions_contribution by the partner"
    ],
    'SELECT (SELECT 1 FROM {checkout} U0 WHERE (U0."contribution_id" = ({gift}."id") AND '
    'U0."partner_id" = ({gift}."partner_id"))) FROM {gift}': [],
    "SELECT 1 FROM {gift} WHERE NOT (EXISTS(SELECT 1 FROM {checkout} WHERE ({joined} AND {same})))": [],
    'SELECT 1 FROM {gift} WHERE {gift}."id" IN (SELECT "contribution_id" FROM {checkout})': [NOT_TIED, ALONE],
    'SELECT 1 FROM {gift} WHERE NOT ({gift}."id" IN (SELECT "contribution_id" FROM {checkout}))': [NOT_TIED],
    'SELECT 1 FROM {gift} WHERE {named} AND {gift}."id" IN (SELECT x FROM {checkout} WHERE partner_id = %s)': [],
    'SELECT 1 FROM {gift} WHERE {gift}."partner_id" = (SELECT partner_id FROM partners_apikey WHERE digest = %s)': [
        "the partner of contributions_contribution by a subquery"
    ],
    'SELECT 1 FROM partners_apikey k JOIN {gift} ON {gift}."partner_id" = k.partner_id WHERE k.digest = %s': [
        "the partner of contributions_contribution by a look-up in partners_apikey k"
    ],
    'SELECT 1 FROM partners_apikey k JOIN {gift} ON {gift}."partner_id" = k.partner_id WHERE k.digest = %s AND {named}': [],
    "SELECT 1 FROM {gift} JOIN (SELECT id, partner_id FROM {checkout} LIMIT %s) AS c ON c.partner_id = {gift}.partner_id": [],
    "SELECT 1 FROM {gift} JOIN (SELECT id, partner_id FROM {checkout} LIMIT %s) AS c ON c.id = {gift}.checkout_id": [NOT_TIED],
    "SELECT 1 FROM {gift} WHERE {named} UNION ALL SELECT 1 FROM {checkout} WHERE partner_id = %s": [],
    "SELECT 1 FROM {gift} WHERE {named} UNION ALL SELECT 1 FROM {checkout}": [NOT_TIED],
    # what is written
    'INSERT INTO {gift} ("x", "partner_id") VALUES (%s, %s), (%s, %s)': [],
    'INSERT INTO {gift} ("x") VALUES (%s)': ["an INSERT into contributions_contribution that does not name the partner"],
    "INSERT INTO {gift} (x, partner_id) VALUES (%s, %s) ON CONFLICT (x, partner_id) DO NOTHING": [],
    "INSERT INTO {gift} (x, partner_id) VALUES (%s, %s) ON CONFLICT DO NOTHING": [],
    "INSERT INTO {gift} (x, partner_id) VALUES (%s, %s) ON CONFLICT (x) DO UPDATE SET x = %s": [
        "ON CONFLICT of contributions_contribution that does not name the partner"
    ],
    'UPDATE {gift} SET "partner_id" = %s WHERE ({by_id} AND {named})': [],
    'UPDATE {gift} SET "partner_id" = %s WHERE {gift}."status" = %s': [
        "an UPDATE of contributions_contribution that may give a row to another partner"
    ],
    "LOCK TABLE {gift}": ["a statement of a kind that is not looked into"],
    # what is not spread
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
