import django.db.models.deletion
from django.db import migrations, models

from contributions import append_only
from partners.filling import fill_in, fill_in_from_now_on

TABLES = (
    "contributions_attention",
    "contributions_checkout",
    "contributions_dispute",
    "contributions_ledgerentry",
    "contributions_providerrequest",
    "contributions_statuschange",
    "partners_auditentry",
)


def unguard_the_books(apps, schema_editor):
    """While their rows get a partner."""
    append_only.uninstall(schema_editor.connection)


def guard_the_books_again(apps, schema_editor):
    """SQLite makes a changed table anew, without its triggers; those of notifications and goals as well."""
    append_only.install(schema_editor.connection)


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
        ("contributions", "0021_privacy"),
        ("goals", "0005_shard"),
        ("notifications", "0008_shard"),
        ("partners", "0008_shard"),
    ]

    operations = [
        migrations.RunPython(unguard_the_books, guard_the_books_again),
        migrations.RemoveConstraint(
            model_name="attention",
            name="one_attention_per_kind_and_record",
        ),
        migrations.RemoveConstraint(
            model_name="checkout",
            name="one_checkout_per_number",
        ),
        migrations.RemoveConstraint(
            model_name="dispute",
            name="one_dispute_per_reference",
        ),
        migrations.RemoveConstraint(
            model_name="ledgerentry",
            name="one_capture_per_checkout",
        ),
        migrations.RemoveConstraint(
            model_name="ledgerentry",
            name="one_entry_per_refund",
        ),
        migrations.RemoveConstraint(
            model_name="providerrequest",
            name="one_live_request_per_operation",
        ),
        migrations.RemoveConstraint(
            model_name="refund",
            name="one_refund_per_provider_reference",
        ),
        migrations.RemoveConstraint(
            model_name="statuschange",
            name="one_change_per_version",
        ),
        migrations.AddField(
            model_name="attention",
            name="partner",
            field=whose(),
        ),
        migrations.AddField(
            model_name="checkout",
            name="partner",
            field=whose(),
        ),
        migrations.AddField(
            model_name="dispute",
            name="partner",
            field=whose(),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="partner",
            field=whose(),
        ),
        migrations.AddField(
            model_name="providerrequest",
            name="partner",
            field=whose(),
        ),
        migrations.AddField(
            model_name="statuschange",
            name="partner",
            field=whose(),
        ),
        fill_in(*TABLES),
        migrations.AlterField(
            model_name="contribution",
            name="checkout",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="current_of",
                to="contributions.checkout",
            ),
        ),
        migrations.AlterField(
            model_name="contribution",
            name="public_id",
            field=models.CharField(max_length=32),
        ),
        migrations.AlterField(
            model_name="providerrequest",
            name="request_id",
            field=models.CharField(max_length=64),
        ),
        migrations.AlterField(
            model_name="refund",
            name="public_id",
            field=models.CharField(max_length=32),
        ),
        migrations.AddConstraint(
            model_name="attention",
            constraint=models.UniqueConstraint(fields=("kind", "about", "partner"), name="one_attention_per_kind_and_record"),
        ),
        migrations.AddConstraint(
            model_name="checkout",
            constraint=models.UniqueConstraint(fields=("contribution", "number", "partner"), name="one_checkout_per_number"),
        ),
        migrations.AddConstraint(
            model_name="contribution",
            constraint=models.UniqueConstraint(fields=("public_id", "partner"), name="contribution_by_public_id"),
        ),
        migrations.AddConstraint(
            model_name="contribution",
            constraint=models.UniqueConstraint(fields=("checkout", "partner"), name="one_contribution_per_checkout"),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.UniqueConstraint(
                fields=("contribution", "provider_reference", "partner"), name="one_dispute_per_reference"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "capture")),
                fields=("contribution", "checkout_number", "partner"),
                name="one_capture_per_checkout",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "refund")), fields=("refund", "partner"), name="one_entry_per_refund"
            ),
        ),
        migrations.AddConstraint(
            model_name="providerrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "refused"), _negated=True),
                fields=("contribution", "checkout_number", "operation", "partner"),
                name="one_live_request_per_operation",
            ),
        ),
        migrations.AddConstraint(
            model_name="providerrequest",
            constraint=models.UniqueConstraint(fields=("request_id", "partner"), name="one_request_per_id"),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(fields=("public_id", "partner"), name="refund_by_public_id"),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                condition=models.Q(("provider_reference", ""), _negated=True),
                fields=("contribution", "provider_reference", "partner"),
                name="one_refund_per_provider_reference",
            ),
        ),
        migrations.AddConstraint(
            model_name="statuschange",
            constraint=models.UniqueConstraint(fields=("contribution", "version", "partner"), name="one_change_per_version"),
        ),
        fill_in_from_now_on(*TABLES),
        migrations.RunPython(guard_the_books_again, unguard_the_books),
    ]
