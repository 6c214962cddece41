from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="calendarday",
            name="edited",
            field=models.BooleanField(default=False, verbose_name="人工维护"),
        ),
    ]
