from django.db import migrations

from fire_supervision.lib.encrypted import EncryptedTextField


class Migration(migrations.Migration):
    dependencies = [("hazards", "0018_bound_acknowledgement")]

    operations = [
        migrations.AlterField(
            model_name="dispatch",
            name="account",
            field=EncryptedTextField(max_length=80, verbose_name="接收号码"),
        ),
        migrations.AlterField(
            model_name="dispatch",
            name="consent_words",
            field=EncryptedTextField(blank=True, default="", max_length=300, verbose_name="确认书内容"),
        ),
        migrations.AlterField(
            model_name="service",
            name="account",
            field=EncryptedTextField(blank=True, max_length=80, verbose_name="接收号码"),
        ),
    ]
