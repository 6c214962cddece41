import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0009_encrypt_secrets"),
    ]

    operations = [
        migrations.AddField(
            model_name="knowndevice",
            name="used_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="最近登录"),
        ),
        migrations.AddIndex(
            model_name="knowndevice",
            index=models.Index(fields=["device"], name="known_device_of_anybody"),
        ),
    ]
