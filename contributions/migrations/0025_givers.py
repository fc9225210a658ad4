import django.db.models.deletion
from django.db import migrations, models

from partners.filling import put_aside_to_undo

NAMING_GIFTS = ("contributions_checkout", "contributions_statuschange", "contributions_ledgerentry", "contributions_dispute")
NAMING_GIFTS += ("contributions_providerrequest", "contributions_attention")
PUT_BACK, PUT_ASIDE = put_aside_to_undo(*NAMING_GIFTS)


class Migration(migrations.Migration):
    """Columns that may be empty: SQLite adds them to the tables as these are, and processes of the release before go on."""

    dependencies = [
        ("contributions", "0024_plans"),
        ("givers", "0001_givers"),
    ]

    operations = [
        PUT_BACK,
        migrations.AddField(
            model_name="checkout",
            name="permission",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="checkouts",
                to="givers.permission",
            ),
        ),
        migrations.AddField(
            model_name="checkout",
            name="permission_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="contribution",
            name="giver",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contributions",
                to="givers.giver",
            ),
        ),
        migrations.AddField(
            model_name="contribution",
            name="giver_public_id",
            field=models.CharField(max_length=32, null=True),
        ),
        PUT_ASIDE,
    ]
