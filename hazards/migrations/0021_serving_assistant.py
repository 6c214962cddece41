import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def assistant():
    return models.ForeignKey(
        to=settings.AUTH_USER_MODEL,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        verbose_name="协助辅警",
        null=True,
        blank=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("hazards", "0020_encrypt_accounts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("service", "assistant", assistant()),
        migrations.AddField("dispatch", "assistant", assistant()),
    ]
