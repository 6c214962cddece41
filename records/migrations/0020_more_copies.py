from django.db import migrations, models

import records.models


class Migration(migrations.Migration):
    dependencies = [("records", "0019_bundle_reach")]

    # The choices alone: no column changes, and on SQLite the table keeps its triggers.
    operations = [
        migrations.AlterField(
            "documentfile",
            "copy",
            models.CharField(choices=records.models.copies, max_length=8, verbose_name="联次"),
        ),
    ]
