"""电子送达确认书 is a paper of its own, issued with the link whose sending it allows."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hazards", "0016_consent_words"), ("records", "0011_file_signer")]

    operations = [
        migrations.AddField(
            model_name="dispatch",
            name="document",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.document",
                verbose_name="确认书",
            ),
        ),
    ]
