"""Gifts that came in by hand, and matchers."""

import django.db.models.deletion
from django.db import migrations, models

from columns import AddColumn

_ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    dependencies = [("goals", "0006_plans"), ("partners", "0010_plans")]

    operations = [
        AddColumn("savinggoal", "offline_minor", models.BigIntegerField(db_default=0, default=0)),
        AddColumn("savinggoal", "matched_minor", models.BigIntegerField(db_default=0, default=0)),
        AddColumn("savinggoal", "is_matched", models.BooleanField(db_default=False, default=False)),
        migrations.CreateModel(
            name="Matcher",
            fields=[
                _ID,
                ("public_id", models.CharField(max_length=32)),
                (
                    "partner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matchers",
                        to="partners.partner",
                    ),
                ),
                (
                    "goal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="matchers", to="goals.savinggoal"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="goals.paymentaccount",
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("percent", models.PositiveSmallIntegerField()),
                ("maximum_minor", models.BigIntegerField()),
                ("matched_minor", models.BigIntegerField(default=0)),
                ("version", models.BigIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("public_id", "partner"), name="matcher_by_public_id"),
                    models.CheckConstraint(
                        condition=models.Q(("percent__gte", 1), ("percent__lte", 100)), name="matcher_percent_within_100"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("matched_minor__gte", 0), ("matched_minor__lte", models.F("maximum_minor"))),
                        name="matcher_within_maximum",
                    ),
                ],
            },
        ),
    ]
