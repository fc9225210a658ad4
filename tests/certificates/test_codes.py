"""Codes: long, told from slips, and nowhere in clear."""

import pytest
from django.db import connection

from certificates import codes
from notifications.models import Event
from tests.certificates.conftest import row as certificate


def test_a_slip_is_told_from_a_code():
    code = codes.normalized(codes.new_code())
    for place in range(codes.LENGTH):
        for other in codes.ALPHABET:
            slip = code[:place] + other + code[place + 1 :]
            if slip != code:
                with pytest.raises(codes.NotACode):
                    codes.normalized(slip)
        swapped = code[:place] + code[place : place + 2][::-1] + code[place + 2 :]
        if swapped != code:
            with pytest.raises(codes.NotACode):
                codes.normalized(swapped)


def test_it_is_read_as_people_type_it():
    code = codes.new_code()
    assert codes.lookup_of(f" {code.lower().replace('-', ' ')} ") == codes.lookup_of(code)
    assert codes.lookup_of(code.replace("0", "o").replace("1", "l")) == codes.lookup_of(code)
    for junk in ("", "U" * 20, "0" * 19, "0" * 21, "-" * 10_000, "€" * 20):
        with pytest.raises(codes.NotACode):
            codes.lookup_of(junk)


@pytest.mark.django_db
def test_it_is_in_clear_nowhere(counter, caplog):
    """Not in the rows of certificates and events, not among answers that are kept, not in the log."""
    certificate_id = counter.sold(Idempotency_Key="sale-1")
    code = counter.get(certificate_id).value("ClaimCode")
    assert code == certificate(certificate_id).code
    again = counter.post(Idempotency_Key="sale-1")
    assert (again.status, again.value("ClaimCode")) == (201, None)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own names
            stored = [bytes(one) if isinstance(one, bytes | memoryview) else one for row in cursor.fetchall() for one in row]
            assert code not in str(stored), table
    assert not any(code in record.getMessage() + str(vars(record)) for record in caplog.records)
    told = "".join(Event.objects.values_list("content", flat=True))
    assert [name in told for name in ("ClaimURL", "RecipientName", "Balance")] == [False, False, True]
