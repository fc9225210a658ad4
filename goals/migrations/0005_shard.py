import django.db.models.deletion
from django.db import migrations, models

from partners.filling import fill_in, fill_in_from_now_on

TABLES = ("goals_paymentaccount",)


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
        ("goals", "0004_goalstate"),
        ("partners", "0008_shard"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="paymentaccount",
            name="one_live_account_per_provider",
        ),
        migrations.AddField(
            model_name="paymentaccount",
            name="partner",
            field=whose(),
        ),
        fill_in(*TABLES),
        migrations.AlterField(
            model_name="payee",
            name="public_id",
            field=models.CharField(max_length=32),
        ),
        migrations.AlterField(
            model_name="savinggoal",
            name="public_id",
            field=models.CharField(max_length=32),
        ),
        migrations.AddConstraint(
            model_name="payee",
            constraint=models.UniqueConstraint(fields=("public_id", "partner"), name="payee_by_public_id"),
        ),
        migrations.AddConstraint(
            model_name="paymentaccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retired_at", None)),
                fields=("goal", "provider", "partner"),
                name="one_live_account_per_provider",
            ),
        ),
        migrations.AddConstraint(
            model_name="savinggoal",
            constraint=models.UniqueConstraint(fields=("public_id", "partner"), name="goal_by_public_id"),
        ),
        fill_in_from_now_on(*TABLES),
    ]
