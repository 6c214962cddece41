from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0012_copy_names")]

    operations = [
        migrations.AddField(
            "document",
            "checkpoint",
            models.CharField("审计检查点", blank=True, default="", max_length=40),
            preserve_default=False,
        ),
    ]
