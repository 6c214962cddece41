"""Messages of before learn the place of the row they told of, which their key names; who has left it sees them no more.

What names no row that is there, and what told of the duties of several places at once, is taken back: its words go,
its key stays, so that nobody is told again. Here, in the highest room, because every room has sent some.
"""

from django.db import migrations
from django.db.models.functions import Coalesce, Now

BATCH = 1000
# Of the person himself.
OWN = ("keys", "device", "alarm", "accounts")
ROWS = {
    "clock": ("deadlines", "Clock"),
    "recheck": ("deadlines", "Clock"),
    "notice": ("deadlines", "Clock"),
    "extension": ("hazards", "Extension"),
    "withdrawn": ("hazards", "Order"),
    "voided": ("hazards", "Order"),
    "late": ("hazards", "Order"),
    "referral": ("hazards", "Referral"),
    "dispatch": ("hazards", "Dispatch"),
    "report": ("inspections", "Inspection"),
    "handover": ("units", "Handover"),
    "filing-returned": ("records", "Document"),
    "filing-refiled": ("records", "Document"),
    "bulletin": ("assessments", "Bulletin"),
    "assessment": ("assessments", "Assessment"),
    "complaint_given": ("trail", "AuditEntry"),
}
STATION = ("stations", "Organisation")
COMPLAINTS = "VIEW_COMPLAINTS"
# As `SEEN_WITH` of the duties was on the day of this migration.
NEEDS = {
    "COMPLAINT_EXIT": COMPLAINTS, "COMPLAINT_OTHER": COMPLAINTS, "COMPLAINT_TRANSFER": COMPLAINTS,
    "COMPLAINT_FEEDBACK": COMPLAINTS, "COMPLAINT_NOTJURIS": COMPLAINTS, "MONTHLY_REPORT": "VIEW_REPORTS",
}  # fmt: skip


def place(apps, schema_editor):
    rows = apps.get_model("stations", "Message").objects.filter(station=None, bureau=None).order_by("pk")
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        _place(apps, [message for message in batch if _kind(message) not in OWN])


def _place(apps, messages):
    model, found = apps.get_model("stations", "Message"), _found(apps, messages)
    for message in messages:
        for name, value in found.get(message.pk, {}).items():
            setattr(message, name, value)
    model.objects.bulk_update(messages, ["bureau_id", "station_id", "office_id", "needs"])
    unknown = [message.pk for message in messages if message.pk not in found]
    model.objects.filter(pk__in=unknown).update(title="", body="", url="", read_at=Coalesce("read_at", Now()))


def _kind(message):
    return message.key.partition(":")[0]


def _found(apps, messages):
    """The columns of each message whose row is there, by its id."""
    wanted = {}
    for message in messages:
        kind, *rest = message.key.split(":")
        # Of the yearly duties of a station: rule, station, year, step.
        label, rest = (STATION, rest[1:]) if kind == "year" else (ROWS.get(kind), rest)
        if label is not None and rest and rest[0].isdigit():
            wanted.setdefault(label, {})[message.pk] = int(rest[0])
    return {
        pk: _columns(row)
        for label, of_messages in wanted.items()
        for pk, row in _rows(apps.get_model(*label), of_messages)
    }


def _rows(model, of_messages):
    known = model.objects.in_bulk(set(of_messages.values()))
    return [(pk, known[number]) for pk, number in of_messages.items() if number in known]


def _columns(row):
    kind = row._meta.model_name
    if kind == "organisation":
        return {"station_id": row.pk}
    if row.station_id in (None, row.bureau_id):
        return {"bureau_id": row.bureau_id}
    needs = COMPLAINTS if kind == "auditentry" else NEEDS.get(getattr(row, "rule_code", ""), "")
    return {"station_id": row.station_id, "office_id": row.office_id, "needs": needs}


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0012_unread_in_reach"),
        ("trail", "0006_paper_alarm"),
        ("deadlines", "0008_reissue_rule"),
        ("records", "0021_issued_as"),
        ("units", "0008_encrypt_phones"),
        ("inspections", "0016_national_articles"),
        ("hazards", "0025_electronic_names_consent"),
        ("filings", "0001_initial"),
        ("assessments", "0004_bulletin"),
    ]

    operations = [migrations.RunPython(place, migrations.RunPython.noop)]
