from django.db import migrations, models

import records.models.document


class Migration(migrations.Migration):
    dependencies = [("records", "0004_give_tokens")]

    operations = [
        migrations.AlterField(
            "document", "token", models.CharField(default=records.models.document.new_token, max_length=22, unique=True)
        ),
    ]
