from django.db import migrations, models
from django.db.models import Count


def refuse_duplicates(apps, schema_editor):
    """Say which numbers stand in the way instead of failing with the database's words; nothing is changed."""
    papers = apps.get_model("records", "Document").objects.filter(bureau_id__isnull=False).order_by()
    twice = papers.values("bureau_id", "number").annotate(papers=Count("id")).filter(papers__gt=1).order_by("number")
    if found := [f"{row['number']} ({row['papers']} papers of organisation {row['bureau_id']})" for row in twice]:
        raise RuntimeError(
            f"Papers of one bureau share a number: {'; '.join(found)}. "
            "Decide with the bureau which of them keeps it, tell the others apart in records_document.number "
            "(docs/operations.md, Numbers of papers), and run migrate again."
        )


class Migration(migrations.Migration):
    dependencies = [("records", "0007_copy_patterns")]

    operations = [
        # Only reads: the schema may change in the same transaction.
        migrations.RunPython(refuse_duplicates, migrations.RunPython.noop),
        migrations.AddConstraint(
            "document", models.UniqueConstraint(fields=("bureau", "number"), name="document_number_once_a_bureau")
        ),
    ]
