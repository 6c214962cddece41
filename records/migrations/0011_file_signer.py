from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0010_bundle")]

    operations = [
        migrations.AddField(
            "documentfile",
            "signer",
            models.CharField(blank=True, default="", max_length=200, verbose_name="数字签名"),
            preserve_default=False,
        ),
    ]
