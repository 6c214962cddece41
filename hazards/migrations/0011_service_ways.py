"""What each way of serving has, in the database too: a place where something changed hands, a recipient of its own."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hazards", "0010_delete_escalation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="service",
            name="service_refusal_has_witness",
        ),
        migrations.RemoveConstraint(
            model_name="service",
            name="service_sent_has_number",
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("method", "DIRECT"), _negated=True),
                        models.Q(
                            models.Q(("place", ""), _negated=True),
                            models.Q(("recipient", ""), _negated=True),
                            models.Q(("relation", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("method", "PROXY"), _negated=True),
                        models.Q(("place", ""), _negated=True),
                        _connector="OR",
                    ),
                ),
                name="service_handed_over_at_a_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("method", "PROXY"), _negated=True),
                        models.Q(
                            models.Q(("recipient", ""), _negated=True),
                            models.Q(("relation", ""), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("method", "LEAVE"), _negated=True),
                        models.Q(
                            models.Q(("place", ""), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            models.Q(
                                models.Q(("witness", ""), _negated=True),
                                models.Q(("recorder_no", ""), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        _connector="OR",
                    ),
                ),
                name="service_refusal_has_witness",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("method", "ENTRUST"), _negated=True),
                        models.Q(
                            models.Q(("agent", ""), _negated=True),
                            models.Q(("tracking_no", ""), _negated=True),
                            models.Q(("recipient", ""), _negated=True),
                            ("sent_on__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("method", "MAIL"), _negated=True),
                        models.Q(
                            models.Q(("tracking_no", ""), _negated=True),
                            models.Q(("recipient", ""), _negated=True),
                            ("sent_on__isnull", False),
                        ),
                        _connector="OR",
                    ),
                ),
                name="service_sent_has_number",
            ),
        ),
    ]
