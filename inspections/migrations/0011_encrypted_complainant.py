from django.db import migrations, models

from fire_supervision.lib.encrypted import EncryptedTextField


class Migration(migrations.Migration):
    dependencies = [("inspections", "0010_complaint_papers")]

    operations = [
        migrations.AlterField(
            model_name="complaint",
            name="complainant",
            field=EncryptedTextField(blank=True, max_length=60, verbose_name="举报人"),
        ),
        migrations.AlterField(
            model_name="complaint",
            name="contact",
            field=EncryptedTextField(blank=True, max_length=60, verbose_name="联系方式"),
        ),
        migrations.AddField(
            model_name="complaint",
            name="contact_index",
            field=models.CharField(blank=True, db_index=True, default="", editable=False, max_length=22),
        ),
    ]
