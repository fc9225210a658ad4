import contributions.entries
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from contributions import append_only


_OF_THE_CURRENT_CHECKOUT = """
    FROM contributions_ledgerentry AS entry
    JOIN contributions_checkout AS checkout ON checkout.number = entry.checkout_number
    WHERE entry.contribution_id = contributions_contribution.id
      AND checkout.id = contributions_contribution.checkout_id AND entry.kind IN
"""

FILL_IN_WHAT_WAS_TAKEN = f"""
    UPDATE contributions_contribution SET
        settled_minor = (SELECT SUM(entry.amount_minor) {_OF_THE_CURRENT_CHECKOUT} ('capture')),
        reversed_minor = COALESCE(
            (SELECT -SUM(entry.collected_delta_minor) {_OF_THE_CURRENT_CHECKOUT} ('reversal', 'reversal_won')), 0
        )
    WHERE status IN ('Settled', 'Refunded', 'Reversed', 'Canceled')
"""  # nosec B608 - our own text


def guard_the_books_again(apps, schema_editor):
    """SQLite makes a changed table anew, without its triggers."""
    append_only.uninstall(schema_editor.connection)
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0010_one_attempt_one_row"),
        ("goals", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=32)),
                ("about", models.CharField(max_length=64)),
                ("detail", models.CharField(blank=True, max_length=200)),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="checkout",
            name="for_a_person",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
        migrations.AddField(
            model_name="checkout",
            name="seen_held_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="contribution",
            name="reversed_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="contribution",
            name="settled_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="refund",
            name="is_of_the_rest",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("authorization", "Authorization"),
                    ("capture", "Capture"),
                    ("further_capture", "Further capture"),
                    ("void", "Void"),
                    ("refund", "Refund"),
                    ("refund_undone", "Refund undone"),
                    ("reversal", "Reversal"),
                    ("reversal_won", "Reversal won"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="refund",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="ledger_entries", to="contributions.refund"
            ),
        ),
        migrations.RunSQL(FILL_IN_WHAT_WAS_TAKEN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="contribution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reversed_minor__gte", 0),
                    (
                        "reversed_minor__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("amount_minor"), "-", models.F("refunds_reserved_minor")
                        ),
                    ),
                ),
                name="contribution_reversed_within_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="contribution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("settled_minor", None),
                    models.Q(("settled_minor__gt", 0), ("settled_minor__lte", models.F("amount_minor"))),
                    _connector="OR",
                ),
                name="contribution_settled_within_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", contributions.entries.Kind["REFUND"])),
                fields=("refund",),
                name="one_entry_per_refund",
            ),
        ),
        migrations.AddConstraint(
            model_name="attention",
            constraint=models.UniqueConstraint(fields=("kind", "about"), name="one_attention_per_kind_and_record"),
        ),
        migrations.RunPython(guard_the_books_again, migrations.RunPython.noop),
    ]
