from django.db import migrations

from contributions import append_only


class Migration(migrations.Migration):
    dependencies = [("contributions", "0002_money_that_never_goes_missing")]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: append_only.install(schema_editor.connection),
            lambda apps, schema_editor: append_only.uninstall(schema_editor.connection),
        )
    ]
