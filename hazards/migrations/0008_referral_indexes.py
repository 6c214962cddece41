from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hazards", "0007_look_urls")]

    operations = [
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["station", "-sent_on", "-id"], name="referral_station"),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["bureau", "-sent_on", "-id"], name="referral_bureau"),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["office", "-sent_on", "-id"], name="referral_office"),
        ),
    ]
