from django.db import migrations

from records.models.document import new_token


def give_tokens(apps, schema_editor):
    Document = apps.get_model("records", "Document")
    batch = []
    for row in Document.objects.filter(token=None).only("pk").iterator(chunk_size=1000):
        row.token = new_token()
        batch.append(row)
        if len(batch) == 1000:
            Document.objects.bulk_update(batch, ["token"])
            batch = []
    Document.objects.bulk_update(batch, ["token"])


class Migration(migrations.Migration):
    dependencies = [("records", "0003_kinds_and_tokens")]

    operations = [migrations.RunPython(give_tokens, migrations.RunPython.noop)]
