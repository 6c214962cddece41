"""隐患库: local and other rules have a column of their own; what stands on papers is an article of national law."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inspections", "0014_complaint_reward")]

    operations = [
        migrations.AddField(
            model_name="hazardtype",
            name="hint",
            field=models.CharField(blank=True, default="", max_length=300, verbose_name="其他规定"),
        ),
    ]
