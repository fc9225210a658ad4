from django.db import migrations, models

from contributions import append_only


def guard_the_books_again(apps, schema_editor):
    """SQLite makes a changed table anew, without its triggers."""
    append_only.uninstall(schema_editor.connection)
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0012_check_asked_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkout",
            name="platform_fee_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="platform_fee_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="refund",
            name="platform_fee_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.RunPython(guard_the_books_again, migrations.RunPython.noop),
    ]
