import django.db.models.deletion
from django.db import migrations, models

from contributions import append_only

FILL_IN_WHOSE_GIFT = """
    UPDATE contributions_contribution SET partner_id = (
        SELECT goal.partner_id FROM goals_savinggoal AS goal WHERE goal.id = contributions_contribution.goal_id)
"""
FILL_IN_WHOSE_REFUND = """
    UPDATE contributions_refund SET partner_id = (
        SELECT gift.partner_id FROM contributions_contribution AS gift WHERE gift.id = contributions_refund.contribution_id)
"""
FILL_IN_WHEN_IT_WAS_DONE = """
    UPDATE contributions_refund SET settled_at = (
        SELECT entry.at FROM contributions_ledgerentry AS entry
        WHERE entry.refund_id = contributions_refund.id AND entry.kind = 'refund')
    WHERE status = 'Completed'
"""
POSTGRESQL_CHECKS_NOW = "SET CONSTRAINTS ALL IMMEDIATE"
"""A table whose changed rows are yet to be checked cannot be altered in the same transaction."""


def check_now(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_CHECKS_NOW)


def guard_the_books_again(apps, schema_editor):
    """SQLite makes a changed table anew, without its triggers."""
    append_only.uninstall(schema_editor.connection)
    append_only.install(schema_editor.connection)


def whose(*, null):
    return models.ForeignKey(
        db_index=False, null=null, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
    )


def indexes(model):
    return [
        migrations.AddIndex(model, models.Index(fields=["partner", "-id"], name=f"{model}_by_partner")),
        migrations.AddIndex(model, models.Index(fields=["partner", "created_at", "id"], name=f"{model}_by_date")),
        migrations.AddIndex(
            model,
            models.Index(
                condition=models.Q(("settled_at__isnull", False)),
                fields=["partner", "settled_at", "id"],
                name=f"{model}_by_settling",
            ),
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0018_goalstate"),
        ("partners", "0004_mode"),
    ]

    operations = [
        migrations.AddField("contribution", "partner", whose(null=True)),
        migrations.AddField("refund", "partner", whose(null=True)),
        migrations.AddField("refund", "settled_at", models.DateTimeField(null=True)),
        migrations.RunSQL(FILL_IN_WHOSE_GIFT, migrations.RunSQL.noop),
        migrations.RunSQL(FILL_IN_WHOSE_REFUND, migrations.RunSQL.noop),
        migrations.RunSQL(FILL_IN_WHEN_IT_WAS_DONE, migrations.RunSQL.noop),
        migrations.RunPython(check_now, migrations.RunPython.noop),
        migrations.AlterField("contribution", "partner", whose(null=False)),
        migrations.AlterField("refund", "partner", whose(null=False)),
        migrations.AddIndex(
            "contribution", models.Index(fields=["partner", "status", "-id"], name="contribution_by_status")
        ),
        migrations.AddIndex(
            "contribution", models.Index(fields=["partner", "reference", "-id"], name="contribution_by_reference")
        ),
        *indexes("contribution"),
        *indexes("refund"),
        migrations.RunPython(guard_the_books_again, migrations.RunPython.noop),
    ]
