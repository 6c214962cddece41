from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="render_sent_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
