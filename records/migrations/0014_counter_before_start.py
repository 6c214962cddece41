from django.db import migrations, models


class Migration(migrations.Migration):
    """A start set before stays as it is: whether a number was taken after it nobody knows for a register."""

    dependencies = [("records", "0013_checkpoint")]

    operations = [
        migrations.AddField(
            model_name="documentcounter",
            name="before_start",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="设定前用到"),
        )
    ]
