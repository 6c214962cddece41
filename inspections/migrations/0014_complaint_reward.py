"""举报登记: what the complainant was rewarded with, if anything."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inspections", "0013_one_offence_each")]

    operations = [
        migrations.AddField(
            model_name="complaint",
            name="reward",
            field=models.CharField(blank=True, default="", max_length=120, verbose_name="奖励情况"),
            preserve_default=False,
        ),
    ]
