"""Who of the unit was there at a re-inspection: the post, or why nobody of it signs, and who saw that."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hazards", "0021_serving_assistant")]

    operations = [
        migrations.AddField(
            model_name="reinspection",
            name="companion_post",
            field=models.CharField(blank=True, max_length=40, verbose_name="随同人员职务"),
        ),
        migrations.AddField(
            model_name="reinspection",
            name="refusal",
            field=models.CharField(blank=True, max_length=200, verbose_name="拒签或不在场的情况"),
        ),
        migrations.AddField(
            model_name="reinspection",
            name="witness",
            field=models.CharField(blank=True, max_length=60, verbose_name="见证人"),
        ),
    ]
