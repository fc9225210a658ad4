from django.db import migrations, models

import ids


def give_tags(apps, schema_editor):
    partners, taken = apps.get_model("partners", "Partner").objects, set()
    for partner in partners.order_by("pk"):
        tag = ids.new_tag()
        while tag in taken:
            tag = ids.new_tag()
        taken.add(tag)
        partners.filter(pk=partner.pk).update(tag=tag)


class Migration(migrations.Migration):
    dependencies = [("partners", "0008_shard")]

    operations = [
        migrations.AddField("partner", "tag", models.CharField(max_length=5, null=True)),
        migrations.RunPython(give_tags, migrations.RunPython.noop),
        migrations.AlterField("partner", "tag", models.CharField(default=ids.new_tag, max_length=5, null=True)),
        migrations.AddConstraint("partner", models.UniqueConstraint(fields=["tag"], name="one_partner_per_tag")),
    ]
