from django.db import migrations, models

from contributions import append_only


def let_events_be_redacted(apps, schema_editor):
    """Puts all triggers on anew, with the one that lets the content of an event change to its redaction."""
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0020_story"),
        ("notifications", "0007_events_only_tell"),
    ]

    operations = [
        migrations.AddField("contribution", "erased_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="DailyWork",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lease_token", models.CharField(blank=True, default="", max_length=22)),
                ("lease_until", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("name", models.CharField(max_length=32, unique=True)),
                ("told", models.TextField(blank=True, default="")),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={"abstract": False},
        ),
        migrations.RunPython(let_events_be_redacted, migrations.RunPython.noop),
    ]
