import django.db.models.deletion
from django.db import migrations, models

from indexes import DropIndexOf, DropTwin


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("partners", "0009_shard_tags"),
    ]

    operations = [
        DropIndexOf(
            model_name="redirecthost",
            name="partner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redirect_hosts",
                to="partners.partner",
            ),
        ),
        DropTwin("apikey", "digest"),
    ]
