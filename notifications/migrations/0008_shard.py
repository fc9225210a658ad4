import django.db.models.deletion
import ids
from django.db import migrations, models

from partners.filling import fill_in, fill_in_from_now_on

TABLES = (
    "notifications_delivery",
    "notifications_deliveryattempt",
    "notifications_webhooksecret",
)


TRIGGERS_OF_EVENTS = []
"""PostgreSQL alters no column that a trigger looks at: they are put aside for as long as this migration's transaction lasts."""


def put_triggers_aside(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger "
            "WHERE tgrelid = 'notifications_event'::regclass AND NOT tgisinternal"
        )
        TRIGGERS_OF_EVENTS[:] = cursor.fetchall()
        for name, _ in TRIGGERS_OF_EVENTS:
            cursor.execute(f"DROP TRIGGER {name} ON notifications_event")


def put_triggers_on_again(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for _, definition in TRIGGERS_OF_EVENTS:
            cursor.execute(definition)
        TRIGGERS_OF_EVENTS.clear()


def whose():
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="partners.partner",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0007_events_only_tell"),
        ("partners", "0008_shard"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="delivery",
            name="one_delivery_per_endpoint",
        ),
        migrations.RemoveConstraint(
            model_name="event",
            name="one_event_per_change",
        ),
        migrations.AddField(
            model_name="delivery",
            name="partner",
            field=whose(),
        ),
        migrations.AddField(
            model_name="deliveryattempt",
            name="partner",
            field=whose(),
        ),
        migrations.AddField(
            model_name="webhooksecret",
            name="partner",
            field=whose(),
        ),
        fill_in(*TABLES),
        migrations.RunPython(put_triggers_aside, put_triggers_on_again),
        migrations.AlterField(
            model_name="event",
            name="about",
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AlterField(
            model_name="event",
            name="public_id",
            field=models.CharField(max_length=40),
        ),
        migrations.RunPython(put_triggers_on_again, put_triggers_aside),
        migrations.AlterField(
            model_name="webhookendpoint",
            name="public_id",
            field=models.CharField(default=ids.new_id, max_length=32),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("event", "endpoint", "partner"), name="one_delivery_per_endpoint"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(fields=("public_id", "partner"), name="event_by_public_id"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                condition=models.Q(("about", ""), _negated=True),
                fields=("about", "version", "partner"),
                name="one_event_per_change",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.UniqueConstraint(fields=("public_id", "partner"), name="endpoint_by_public_id"),
        ),
        fill_in_from_now_on(*TABLES),
    ]
