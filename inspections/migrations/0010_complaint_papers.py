import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inspections", "0009_bound_signatures"),
        ("records", "0005_token_unique"),
    ]

    operations = [
        migrations.AddField(
            model_name="complaint",
            name="document",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.document",
                verbose_name="登记表",
            ),
        ),
        migrations.AddField(
            model_name="complaint",
            name="reply",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.document",
                verbose_name="答复",
            ),
        ),
    ]
