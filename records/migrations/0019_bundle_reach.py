from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0018_printed_as")]

    operations = [
        migrations.AddField(model_name="bundle", name="reach", field=models.JSONField(default=None, null=True)),
    ]
