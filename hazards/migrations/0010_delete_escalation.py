from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("hazards", "0009_escalations_as_notices")]

    operations = [migrations.DeleteModel(name="Escalation")]
