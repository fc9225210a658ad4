"""Gifts that a matcher has added, and what is kept of matching."""

import django.db.models.deletion
from django.db import migrations, models

_ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def _partner() -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="partners.partner",
    )


class Migration(migrations.Migration):
    dependencies = [("contributions", "0026_givers_indexes"), ("goals", "0007_local"), ("partners", "0010_plans")]

    operations = [
        migrations.AddField("contribution", "match_of", models.CharField(max_length=32, null=True)),
        migrations.CreateModel(
            name="ImportedLine",
            fields=[
                _ID,
                ("kind", models.CharField(choices=[("goal", "Goal"), ("gift", "Gift")], max_length=8)),
                ("key_digest", models.CharField(max_length=64)),
                ("line_digest", models.CharField(blank=True, max_length=64)),
                ("about", models.CharField(max_length=32)),
                (
                    "partner",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["about"], name="imported_line_by_record")],
                "constraints": [
                    models.UniqueConstraint(fields=("partner", "kind", "key_digest"), name="one_line_per_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchDue",
            fields=[
                _ID,
                ("due_at", models.DateTimeField(db_index=True)),
                (
                    "gift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contributions.contribution"
                    ),
                ),
                ("partner", _partner()),
            ],
        ),
        migrations.CreateModel(
            name="MatchedGift",
            fields=[
                _ID,
                ("kept_minor", models.BigIntegerField(default=0)),
                ("matched_minor", models.BigIntegerField(default=0)),
                (
                    "gift",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matched_by",
                        to="contributions.contribution",
                    ),
                ),
                (
                    "matcher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="gifts", to="goals.matcher"
                    ),
                ),
                ("partner", _partner()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("gift", "matcher", "partner"), name="one_row_per_gift_and_matcher"),
                    models.CheckConstraint(
                        condition=models.Q(("kept_minor__gte", 0), ("matched_minor__gte", 0)),
                        name="matched_gift_not_negative",
                    ),
                ],
            },
        ),
    ]
