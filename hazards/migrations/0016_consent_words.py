"""电子送达确认书: the words that were signed are kept with the signature."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hazards", "0015_order_falls_alone")]

    operations = [
        migrations.AddField(
            model_name="dispatch",
            name="consent_words",
            field=models.CharField(blank=True, default="", max_length=300, verbose_name="确认书内容"),
        ),
    ]
