"""What fell without a visit to correct: an old order that was withdrawn, or one that was served too late."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hazards", "0014_withdrawal")]

    operations = [
        migrations.AlterModelOptions(name="withdrawal", options={"verbose_name": "撤回、单独作废"}),
        migrations.AlterField(
            model_name="withdrawal",
            name="order",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="withdrawal",
                to="hazards.order",
                verbose_name="责令",
            ),
        ),
        migrations.AlterField(model_name="withdrawal", name="decided_on", field=models.DateField(verbose_name="日期")),
    ]
