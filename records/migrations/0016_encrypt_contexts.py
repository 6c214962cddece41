from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from fire_supervision.lib.encrypted import decrypt_column, encrypt_column

COLUMNS = [("records_document", "context")]


def encrypt(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for table, column in COLUMNS:
        encrypt_column(editor.connection.alias, table, column)


def decrypt(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for table, column in COLUMNS:
        decrypt_column(editor.connection.alias, table, column)


class Migration(migrations.Migration):
    dependencies = [("records", "0015_encrypted_context")]

    operations = [migrations.RunPython(encrypt, decrypt)]
