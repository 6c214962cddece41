from django.db import migrations

from fire_supervision.lib.encrypted import EncryptedJSONField


class Migration(migrations.Migration):
    dependencies = [("records", "0014_counter_before_start")]

    operations = [
        migrations.AlterField(
            model_name="document",
            name="context",
            field=EncryptedJSONField(verbose_name="内容"),
        ),
    ]
