import django.db.models.deletion
from django.db import migrations, models

TABLE = "contributions_contribution"
ALONE = f"{TABLE}_goal_id_"
"""How Django has named the index on goal_id alone."""


def drop_the_lone_index(apps, schema_editor):
    """Not by AlterField: on SQLite that makes the table anew, and its triggers would be lost."""
    with schema_editor.connection.cursor() as cursor:
        found = schema_editor.connection.introspection.get_constraints(cursor, TABLE)
    for name in found:
        if name.startswith(ALONE) and found[name]["index"] and found[name]["columns"] == ["goal_id"]:
            schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def make_it_again(apps, schema_editor):
    schema_editor.execute(f"CREATE INDEX {ALONE}again ON {TABLE} (goal_id)")


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0022_shard"),
        ("goals", "0005_shard"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_the_lone_index, make_it_again)],
            state_operations=[
                migrations.AlterField(
                    "contribution",
                    "goal",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contributions",
                        to="goals.savinggoal",
                    ),
                ),
            ],
        ),
    ]
