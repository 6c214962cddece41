"""No 电子送达 without the 确认书 it rests on."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("hazards", "0024_name_consents")]

    operations = [
        migrations.RemoveConstraint(model_name="service", name="service_electronic_has_consent"),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=~Q(method="ELECTRONIC")
                | (
                    ~Q(consented_by="")
                    & Q(consented_on__isnull=False)
                    & ~Q(consent_no="")
                    & ~Q(channel="")
                    & ~Q(account="")
                    & ~Q(receipt="")
                ),
                name="service_electronic_has_consent",
            ),
        ),
    ]
