"""撤回存量文书: what was entered wrongly is taken out, with the reason; its number may be entered again."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hazards", "0013_case_papers"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                ("decided_on", models.DateField(verbose_name="撤回日期")),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="批准人",
                    ),
                ),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="hazards.order",
                        verbose_name="存量文书",
                    ),
                ),
            ],
            options={"verbose_name": "撤回存量文书"},
        ),
        migrations.RemoveConstraint(model_name="order", name="order_number_once"),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                condition=models.Q(("document__isnull", True), ("state", "VOID"), _negated=True),
                fields=("station", "number"),
                name="order_number_once",
            ),
        ),
    ]
