from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0002_document_render_sent_at")]

    operations = [
        migrations.AddField(
            "document",
            "context_sha256",
            models.CharField(blank=True, max_length=64, default=""),
            preserve_default=False,
        ),
        migrations.AddField("document", "token", models.CharField(max_length=22, null=True)),
        migrations.AlterField(
            "documentfile",
            "copy",
            models.CharField(
                choices=[("UNIT", "交被检查单位"), ("RECEIVER", "交接收单位"), ("ARCHIVE", "存档")],
                max_length=8,
                verbose_name="联次",
            ),
        ),
    ]
