from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from fire_supervision.lib.encrypted import decrypt_column, encrypt_column
from fire_supervision.lib.keyring import index_of

COLUMNS = [("inspections_complaint", "complainant"), ("inspections_complaint", "contact")]


def encrypt(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for table, column in COLUMNS:
        encrypt_column(editor.connection.alias, table, column)
    index(apps)


def decrypt(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for table, column in COLUMNS:
        decrypt_column(editor.connection.alias, table, column)


def index(apps: Apps) -> None:
    """The blind index of what is there; emptied by nothing, for the column goes with the schema."""
    model = apps.get_model("inspections", "Complaint")
    rows = []
    for row in model.objects.exclude(contact="").only("contact", "contact_index").iterator(chunk_size=500):
        row.contact_index = index_of(row.contact)
        rows.append(row)
        if len(rows) == 500:
            model.objects.bulk_update(rows, ["contact_index"])
            rows = []
    model.objects.bulk_update(rows, ["contact_index"])


class Migration(migrations.Migration):
    dependencies = [("inspections", "0011_encrypted_complainant")]

    operations = [migrations.RunPython(encrypt, decrypt)]
