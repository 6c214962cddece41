import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """The shipped versions stay as they are, without bureau and day."""

    dependencies = [
        ("stations", "0002_delete_bureausetting"),
        ("units", "0005_pledge_terms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="pledgeterms", name="pledge_terms_version_once"),
        migrations.AddField(
            model_name="pledgeterms",
            name="bureau",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="stations.organisation",
                verbose_name="公安机关",
            ),
        ),
        migrations.AddField(
            model_name="pledgeterms",
            name="since",
            field=models.DateField(blank=True, null=True, verbose_name="起用日期"),
        ),
        migrations.AddField(
            model_name="pledgeterms",
            name="confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="核定人",
            ),
        ),
        migrations.AddField(
            model_name="pledgeterms",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="理由"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="pledgeterms",
            constraint=models.UniqueConstraint(
                condition=Q(bureau__isnull=True), fields=("kind", "version"), name="pledge_terms_shipped_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pledgeterms",
            constraint=models.UniqueConstraint(
                condition=Q(bureau__isnull=False), fields=("kind", "bureau", "version"), name="pledge_terms_own_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pledgeterms",
            constraint=models.UniqueConstraint(
                condition=Q(bureau__isnull=False), fields=("kind", "bureau", "since"), name="pledge_terms_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="pledgeterms",
            constraint=models.CheckConstraint(
                condition=Q(bureau__isnull=True, since__isnull=True)
                | Q(bureau__isnull=False, since__isnull=False, confirmed_on__isnull=False, confirmed_by__isnull=False),
                name="pledge_terms_own_is_confirmed",
            ),
        ),
    ]
