from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from fire_supervision.lib.encrypted import decrypt_column, encrypt_column

COLUMNS = [("stations_user", "phone")]


def encrypt(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for table, column in COLUMNS:
        encrypt_column(editor.connection.alias, table, column)


def decrypt(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for table, column in COLUMNS:
        decrypt_column(editor.connection.alias, table, column)


class Migration(migrations.Migration):
    dependencies = [("stations", "0005_encrypted_phone")]

    operations = [migrations.RunPython(encrypt, decrypt)]
