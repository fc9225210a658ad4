"""While `migrate` runs and until the last process is replaced, processes of the release before go on: their SQL still works."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import Error, connection, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from partners.filling import PARTNER_OF
from tests.contributions.release_before import a_database_of_its_own
from tests.deploy import old_processes
from tests.deploy.old_processes import LAST_RELEASE, RELEASE_0_2, Schema, cannot, schema

HOW_TO_MEND = (
    "Processes of the release before would get errors. Give a new column null=True or db_default, remove a column only in "
    "the release after the one that stopped to use it (docs/operators.md, Upgrading); or plan a pause and say so there."
)


@pytest.fixture(scope="module")
def upgrades(django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Schema]]:
    """The tables of 0.2.0, of the release before and of this one; the connection stays at the last."""
    with django_db_blocker.unblock(), a_database_of_its_own(tmp_path_factory.mktemp("upgrades")):
        found = {}
        for name, targets in (("0.2.0", RELEASE_0_2), ("before", LAST_RELEASE)):
            old_processes.migrate_to(targets)
            found[name] = schema()
        call_command("migrate", verbosity=0)
        yield found | {"now": schema()}


def test_what_the_release_before_does_still_works(upgrades):
    assert cannot(upgrades["before"], upgrades["now"]) == [], HOW_TO_MEND


def test_the_pause_from_0_2_is_needed(upgrades):
    """As docs/operators.md says: what a process of 0.2.0 would get errors from."""
    told = cannot(upgrades["0.2.0"], upgrades["now"])
    assert "notifications_event.delivery is gone" in told
    assert "goals_savinggoal.overfunding is new and must be given" in told


def test_the_release_before_is_one_of_these_migrations():
    disk = MigrationLoader(None).disk_migrations
    assert [one for one in LAST_RELEASE.items() if one not in disk] == []
    ours = {app for app, _ in disk if app not in {"contenttypes", "auth", "sessions", "admin"}}
    assert set(LAST_RELEASE) <= ours


def test_a_row_of_an_old_process_gets_its_partner(upgrades, django_db_blocker):
    """The models of the release before leave `partner_id` out: the database knows whose what is that the row hangs on."""
    old = MigrationLoader(connection).project_state(list(LAST_RELEASE.items())).apps
    with django_db_blocker.unblock(), transaction.atomic():
        partner = _rows_of_an_old_process(old)
        whose = {table: _partners_of(table) for table in PARTNER_OF}
        transaction.set_rollback(True)
    assert whose == {table: [partner] for table in PARTNER_OF} | {"partners_auditentry": [0, partner]}


def _partners_of(table: str) -> list[int | None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT partner_id FROM {table} ORDER BY id")  # noqa: S608 - our own names
        return [number for (number,) in cursor.fetchall()]


def _rows_of_an_old_process(apps: Any) -> int:
    """One in each table whose rows hang on others; returns the partner's number."""
    at = {"at": datetime(2026, 11, 27, tzinfo=UTC)}
    made_at = {"created_at": at["at"]}

    def make(label: str, **columns: Any) -> Any:
        return apps.get_model(label).objects.create(**columns)

    make("partners.Partner", name="Another shop")
    partner = make("partners.Partner", name="Old shop")
    goal = make(
        "goals.SavingGoal", public_id="g", partner=partner, external_item_id="x", name="x", currency="USD", goal_minor=1
    )
    make("goals.PaymentAccount", goal=goal, provider="PayPal", credentials_encrypted="")
    gift = make(
        "contributions.Contribution", public_id="c", goal=goal, partner=partner, amount_minor=1, currency="USD", **made_at
    )
    make("contributions.Checkout", contribution=gift, capture_policy="Immediate", **made_at)
    make("contributions.StatusChange", contribution=gift, version=1, **at)
    amounts = {"amount_minor": 1, "collected_delta_minor": 1, "authorized_delta_minor": 0}
    make("contributions.LedgerEntry", contribution=gift, goal=goal, kind="capture", currency="USD", **amounts, **at)
    make("contributions.Dispute", contribution=gift, provider_reference="d", heard_at=at["at"])
    make("contributions.ProviderRequest", contribution=gift, operation="open", request_id="r", **made_at)
    make("contributions.Attention", kind="no_outcome", about="c", since=at["at"])
    event = make("notifications.Event", public_id="e", partner=partner, position=1, type="test", content="{}", **at)
    endpoint = make("notifications.WebhookEndpoint", public_id="w", partner=partner, url="https://shop.example", **made_at)
    make("notifications.Delivery", event=event, endpoint=endpoint)
    make("notifications.DeliveryAttempt", event=event, endpoint=endpoint, number=1, seconds=1.0, url="", **at)
    make("notifications.WebhookSecret", endpoint=endpoint, secret_encrypted="", **made_at)
    make("partners.AuditEntry", action="operator.made", **at)
    make("partners.AuditEntry", action="gift.deleted", partner=partner, **at)
    return int(partner.pk)


def _text(**given: Any) -> models.CharField:
    return models.CharField(max_length=20, **given)


PLANTED: dict[str, tuple[Operation, str]] = {
    # what a migration does: (operation on partners.Partner, what is told; "" where old processes go on)
    "a column that may be empty": (migrations.AddField("partner", "planted", _text(null=True)), ""),
    "a column with the database's default": (migrations.AddField("partner", "planted", _text(db_default="x")), ""),
    "a column with the code's default": (
        migrations.AddField("partner", "planted", _text(default="x")),
        "partners_partner.planted is new and must be given",
    ),
    "a column that is gone": (migrations.RemoveField("partner", "created_at"), "partners_partner.created_at is gone"),
    "a column with another name": (
        migrations.RenameField("partner", "created_at", "made_at"),
        "partners_partner.created_at is gone; partners_partner.made_at is new and must be given",
    ),
    "a table with another name": (migrations.AlterModelTable("partner", "partners_shop"), "partners_partner is gone"),
    "a new index": (migrations.AddIndex("partner", models.Index(fields=["name"], name="planted_index")), ""),
    "a new table": (migrations.CreateModel("Planted", [("id", models.BigAutoField(primary_key=True))]), ""),
    "names must be unique": (
        migrations.AddConstraint("partner", models.UniqueConstraint(fields=["created_at"], name="planted_once")),
        "partners_partner: created_at must be unique",
    ),
}


@pytest.mark.parametrize(("operation", "told"), PLANTED.values(), ids=PLANTED)
def test_what_is_told_is_what_the_database_does(upgrades, django_db_blocker, operation: Operation, told: str):
    """The models of the release before write, read and change a row after such a migration."""
    with django_db_blocker.unblock():
        before = MigrationLoader(connection).project_state()
        after = before.clone()
        operation.state_forwards("partners", after)
        with connection.schema_editor() as editor:
            operation.database_forwards("partners", editor, before, after)
        try:
            assert "; ".join(cannot(upgrades["now"], schema())) == told
            works = _an_old_process_works(before.apps.get_model("partners", "Partner"))
            assert works == (not told)
        finally:
            with connection.schema_editor() as editor:
                operation.database_backwards("partners", editor, after, before)
        assert schema() == upgrades["now"]


def _an_old_process_works(partners: Any) -> bool:
    moment = datetime(2026, 11, 27, tzinfo=UTC)
    try:
        made = [partners.objects.create(name=f"Old shop {number}") for number in range(2)]
        partners.objects.update(created_at=moment)
        assert {one.name for one in partners.objects.all()} >= {one.name for one in made}
    except Error:
        return False
    finally:
        with connection.cursor() as cursor:
            for table in {"partners_partner", "partners_shop"} & {*connection.introspection.table_names(cursor)}:
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - one of these two
    return True
