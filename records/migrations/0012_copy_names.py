from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0011_file_signer")]

    operations = [
        migrations.AlterField(
            "documentfile",
            "copy",
            models.CharField(
                choices=[("UNIT", "交单位"), ("RECEIVER", "交接收人"), ("ARCHIVE", "存档")],
                max_length=8,
                verbose_name="联次",
            ),
        ),
    ]
