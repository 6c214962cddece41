"""What is known of the consents of services from before it was asked for: of a link all, of others nothing."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

UNKNOWN = "升级前登记，没有记载"
SIGNED_HERE = "在屏幕上签名"


def name(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    using = editor.connection.alias
    services = apps.get_model("hazards", "Service").objects.using(using)
    signed = apps.get_model("hazards", "Dispatch").objects.using(using).filter(state="ACKNOWLEDGED")
    known = signed.values_list("order_id", "document__number", "consent_paper")
    for order_id, number, paper in known.iterator(chunk_size=500):
        named = number or paper or SIGNED_HERE
        services.filter(order_id=order_id, method="ELECTRONIC").update(consent_no=named)
    services.filter(method="ELECTRONIC", consent_no="").update(consent_no=UNKNOWN)


class Migration(migrations.Migration):
    dependencies = [("hazards", "0023_service_consent_no")]

    operations = [migrations.RunPython(name, migrations.RunPython.noop)]
