import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hazards", "0012_dispatch"),
        ("records", "0005_token_unique"),
    ]

    operations = [
        migrations.AddField(
            model_name="extension",
            name="document",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.document",
                verbose_name="审批表",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="authority",
            field=models.CharField(blank=True, max_length=80, verbose_name="接收单位"),
        ),
        migrations.AddField(
            model_name="referral",
            name="document",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.document",
                verbose_name="移送函",
            ),
        ),
        migrations.AddField(
            model_name="reinspection",
            name="document",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.document",
                verbose_name="复查记录",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="document",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.document",
                verbose_name="报告",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="document",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.document",
                verbose_name="送达回证",
            ),
        ),
    ]
