import django.db.models.deletion
from django.db import migrations, models

from indexes import AddIndex, DropIndexOf, DropTwin, RemoveIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("contributions", "0023_reads"),
        ("goals", "0006_plans"),
        ("partners", "0010_plans"),
    ]

    operations = [
        DropIndexOf(
            model_name="checkout",
            name="contribution",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="checkouts",
                to="contributions.contribution",
            ),
        ),
        DropIndexOf(
            model_name="dispute",
            name="contribution",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disputes",
                to="contributions.contribution",
            ),
        ),
        DropIndexOf(
            model_name="statuschange",
            name="contribution",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="status_changes",
                to="contributions.contribution",
            ),
        ),
        AddIndex(
            model_name="contribution",
            index=models.Index(condition=models.Q(("status", "Submitted")), fields=["id"], name="contribution_submitted"),
        ),
        AddIndex(
            model_name="contribution",
            index=models.Index(condition=models.Q(("status", "Pending")), fields=["id"], name="contribution_pending"),
        ),
        AddIndex(
            model_name="contribution",
            index=models.Index(condition=models.Q(("status", "Authorized")), fields=["id"], name="contribution_authorized"),
        ),
        AddIndex(
            model_name="contribution",
            index=models.Index(fields=["partner", "goal", "-id"], name="contribution_by_goal_newest"),
        ),
        RemoveIndex(model_name="contribution", name="contribution_by_goal"),
        DropTwin("checkout", "provider_checkout_id"),
        DropTwin("checkout", "payment_reference"),
    ]
