from django.db import migrations, models

from fire_supervision.lib.encrypted import EncryptedJSONField, EncryptedTextField


class Migration(migrations.Migration):
    dependencies = [("units", "0006_terms_of_a_bureau")]

    operations = [
        migrations.AlterField(
            model_name="unit",
            name="phone",
            field=EncryptedTextField(blank=True, max_length=30, verbose_name="电话"),
        ),
        migrations.AddField(
            model_name="unit",
            name="phone_index",
            field=models.CharField(blank=True, db_index=True, default="", editable=False, max_length=22),
        ),
        migrations.AlterField(
            model_name="importrow",
            name="cells",
            field=EncryptedJSONField(default=list, verbose_name="原文"),
        ),
        migrations.AlterField(
            model_name="importrow",
            name="values",
            field=EncryptedJSONField(default=dict, verbose_name="内容"),
        ),
    ]
