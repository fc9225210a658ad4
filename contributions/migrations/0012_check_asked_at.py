from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contributions", "0011_books_follow_the_provider")]

    operations = [
        migrations.AddField(
            model_name="contribution",
            name="check_asked_at",
            field=models.DateTimeField(null=True),
        )
    ]
