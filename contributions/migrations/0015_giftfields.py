from django.db import migrations, models

from contributions import append_only

_ENTRIES = """
    FROM contributions_ledgerentry AS entry
    JOIN contributions_checkout AS checkout
      ON checkout.id = contributions_contribution.checkout_id AND checkout.number = entry.checkout_number
    WHERE entry.contribution_id = contributions_contribution.id
"""
"""Of the contribution's current checkout."""

_CAPTURES = f"{_ENTRIES} AND entry.kind IN ('capture', 'further_capture')"
_GIVEN_BACK = "CASE entry.kind WHEN 'refund' THEN -1 WHEN 'refund_undone' THEN 1 ELSE 0 END"


def _told(column):
    """Whether each capture has told it."""
    return f"NOT EXISTS (SELECT 1 {_CAPTURES} AND entry.{column} IS NULL)"


_OURS_IS_TOLD = f"""
    NOT EXISTS (SELECT 1 {_ENTRIES} AND entry.kind IN ('refund', 'refund_undone')
                AND entry.platform_fee_minor IS NULL AND checkout.platform_fee_minor <> 0)
"""
_KEPT_OF_CAPTURES = "CASE WHEN entry.kind IN ('capture', 'further_capture') THEN entry.{column} ELSE 0 END"

FILL_IN_WHO_KEPT_WHAT = f"""
    UPDATE contributions_contribution SET
        settled_at = (SELECT MIN(entry.at) {_CAPTURES}),
        fee_minor = CASE WHEN {_told("fee_minor")} THEN (
            SELECT SUM({_KEPT_OF_CAPTURES.format(column="fee_minor")}) {_ENTRIES}) END,
        platform_fee_minor = CASE WHEN {_told("platform_fee_minor")} AND {_OURS_IS_TOLD} THEN (
            SELECT SUM({_KEPT_OF_CAPTURES.format(column="platform_fee_minor")}
                       + {_GIVEN_BACK} * COALESCE(entry.platform_fee_minor, 0)) {_ENTRIES}) END,
        net_minor = CASE WHEN {_told("net_minor")} AND {_OURS_IS_TOLD} THEN (
            SELECT SUM(CASE WHEN entry.kind IN ('capture', 'further_capture') THEN entry.net_minor
                            ELSE entry.collected_delta_minor END
                       - {_GIVEN_BACK} * COALESCE(entry.platform_fee_minor, 0)) {_ENTRIES}) END
    WHERE settled_minor IS NOT NULL
"""  # nosec B608 - our own text
FILL_IN_THE_PROVIDERS_REFERENCE = f"""
    UPDATE contributions_contribution SET provider_reference = COALESCE(
        (SELECT entry.provider_reference {_CAPTURES} AND entry.provider_reference <> ''
         ORDER BY entry.id DESC LIMIT 1),
        (SELECT checkout.payment_reference FROM contributions_checkout AS checkout
         WHERE checkout.id = contributions_contribution.checkout_id),
        '')
"""  # nosec B608 - our own text


def guard_the_books_again(apps, schema_editor):
    """SQLite makes a changed table anew, without its triggers."""
    append_only.uninstall(schema_editor.connection)
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0014_append_only_everywhere"),
    ]

    operations = [
        migrations.AddField(model_name="contribution", name="cancel_url", field=models.CharField(blank=True, default="", max_length=2000)),
        migrations.AddField(model_name="contribution", name="confirmation_url", field=models.CharField(blank=True, default="", max_length=2000)),
        migrations.AddField(model_name="contribution", name="fee_minor", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="contribution", name="is_anonymous", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="contribution", name="language", field=models.CharField(blank=True, default="", max_length=35)),
        migrations.AddField(model_name="contribution", name="memo", field=models.CharField(max_length=127, null=True)),
        migrations.AddField(model_name="contribution", name="metadata", field=models.JSONField(default=list)),
        migrations.AddField(model_name="contribution", name="net_minor", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="contribution", name="platform_fee_minor", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="contribution", name="provider_reference", field=models.CharField(blank=True, default="", max_length=255)),
        migrations.AddField(model_name="contribution", name="reference", field=models.CharField(blank=True, default="", max_length=255)),
        migrations.AddField(model_name="contribution", name="settled_at", field=models.DateTimeField(null=True)),
        migrations.RunSQL(FILL_IN_WHO_KEPT_WHAT, migrations.RunSQL.noop),
        migrations.RunSQL(FILL_IN_THE_PROVIDERS_REFERENCE, migrations.RunSQL.noop),
        migrations.RunPython(guard_the_books_again, migrations.RunPython.noop),
    ]
