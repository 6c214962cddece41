from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hazards", "0005_report_made_on")]
    operations = [
        migrations.AlterField(model_name="report", name="made_on", field=models.DateField(verbose_name="报告日期")),
    ]
