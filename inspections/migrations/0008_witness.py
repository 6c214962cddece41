from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inspections", "0007_complaints")]

    operations = [
        migrations.AddField(
            model_name="inspection",
            name="witness",
            field=models.CharField(blank=True, default="", max_length=60, verbose_name="见证人"),
            preserve_default=False,
        ),
    ]
