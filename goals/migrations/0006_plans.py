import django.db.models.deletion
from django.db import migrations, models

from indexes import AddIndex, DropIndexOf


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("goals", "0005_shard"),
        ("partners", "0010_plans"),
    ]

    operations = [
        DropIndexOf(
            model_name="payee",
            name="partner",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="payees", to="partners.partner"
            ),
        ),
        DropIndexOf(
            model_name="savinggoal",
            name="partner",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="goals", to="partners.partner"
            ),
        ),
        AddIndex(
            model_name="savinggoal",
            index=models.Index(condition=models.Q(("authorized_minor__gt", 0)), fields=["id"], name="goal_with_money_held"),
        ),
    ]
