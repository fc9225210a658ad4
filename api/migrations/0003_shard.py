import django.db.models.deletion
from django.db import migrations, models


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
        ("api", "0002_limits"),
        ("partners", "0008_shard"),
    ]

    operations = [
        migrations.AddField(
            model_name="usedtoken",
            name="partner",
            field=whose(),
        ),
        migrations.AlterField(
            model_name="idempotencykey",
            name="record_id",
            field=models.CharField(max_length=32),
        ),
    ]
