from django.db import migrations

from fire_supervision.lib.encrypted import EncryptedTextField


class Migration(migrations.Migration):
    dependencies = [("stations", "0004_answers_past_the_wall")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="phone",
            field=EncryptedTextField(blank=True, max_length=20, verbose_name="电话"),
        ),
    ]
