import django.db.models.deletion
from django.db import migrations, models

from indexes import DropIndexOf, DropTwin


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("api", "0003_shard"),
        ("partners", "0010_plans"),
    ]

    operations = [
        DropIndexOf(
            model_name="idempotencykey",
            name="partner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="idempotency_keys",
                to="partners.partner",
            ),
        ),
        DropTwin("usedtoken", "digest"),
    ]
