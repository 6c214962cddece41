from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0007_copy_patterns")]

    operations = [
        migrations.AddConstraint(
            "document", models.UniqueConstraint(fields=("bureau", "number"), name="document_number_once_a_bureau")
        ),
    ]
