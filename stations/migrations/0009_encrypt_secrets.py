from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# What a telephone is beside its secret, which is encrypted on the way and readable again on the way back.
SAME = (
    "user_id", "name", "confirmed", "key", "drift", "last_t",
    "throttling_failure_timestamp", "throttling_failure_count", "last_used_at",
)  # fmt: skip


def _move(apps: Apps, editor: BaseDatabaseSchemaEditor, source: str, target: str) -> None:
    using = editor.connection.alias
    here, there = apps.get_model(source).objects.using(using), apps.get_model(target).objects.using(using)
    for row in here.order_by("pk"):
        moved = there.create(**{name: getattr(row, name) for name in SAME})
        there.filter(pk=moved.pk).update(created_at=row.created_at)
    here.all().delete()


def encrypt(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    _move(apps, editor, "otp_totp.TOTPDevice", "stations.Telephone")


def decrypt(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    _move(apps, editor, "stations.Telephone", "otp_totp.TOTPDevice")


class Migration(migrations.Migration):
    dependencies = [("stations", "0008_telephone"), ("otp_totp", "0003_add_timestamps")]

    operations = [migrations.RunPython(encrypt, decrypt)]
