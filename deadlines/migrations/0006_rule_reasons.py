from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0005_rule_details")]

    operations = [
        migrations.AddField(
            model_name="calendaryear",
            name="imported",
            field=models.BooleanField(default=False, verbose_name="整年导入"),
        ),
        migrations.AddField(
            model_name="deadlinerule",
            name="at_least",
            field=models.BooleanField(default=False, verbose_name="不得少于"),
        ),
        migrations.AddField(
            model_name="deadlinerule",
            name="reason",
            field=models.CharField(blank=True, help_text="本局为什么核定或者修改", max_length=200, verbose_name="理由"),
        ),
    ]
