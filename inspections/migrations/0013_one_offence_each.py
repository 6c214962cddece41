"""A notice names one offence: entries of the catalogue that held several behind a stroke are parted.

What was found and issued before stays: a finding keeps its entry, a paper its own words. An entry that a bureau has
worded itself keeps that wording; `records.fills.undecided` finds what is left.
"""

from django.db import migrations

from fire_supervision.lib.text import squeezed
from inspections.seeds import hazards

# The entry that held several offences: its name until now, and the entries that hold the others from now on.
PARTED = {
    "EV02": ("封闭、锁闭安全出口（营业/使用期间上锁、封堵）", ()),
    "EV09": ("疏散门向内开启、采用卷帘门/转门/侧拉门作唯一疏散门", ("EV11",)),
    "EQ08": ("未对建筑消防设施定期组织维修保养/每年全面检测", ("EQ14",)),
    "GA04": ("气瓶与明火、灶具距离不足，同室使用两种以上火源，使用过期/无标识气瓶", ("GA06", "GA07")),
}
# What the parted entries said otherwise.
BEFORE = {
    "EV02": {},
    "EV09": {"measure": "改为向疏散方向开启的平开门；营业期间卷帘门须保持开启到位"},
    "EQ08": {
        "violates": "消防法第16条第1款第3项",
        "measure": "签订维保合同，补做年度检测并存档",
        "article_confidence": "H",
    },
    "GA04": {"measure": "分室设置、移出超期瓶"},
}


def part(apps, schema_editor):
    hazard_type = apps.get_model("inspections", "HazardType")
    shipped = {row["code"]: row for row in hazards()}
    for code, (name, others) in PARTED.items():
        former = hazard_type.objects.get(code=code)
        for other in others:
            kind, _ = hazard_type.objects.get_or_create(code=other, defaults=shipped[other])
            kind.items.add(*former.items.all())
            for basis in former.bases.all():
                kind.bases.get_or_create(bureau=basis.bureau, defaults={"basis": basis.basis})
        if former.name == name:
            _write(former, shipped[code], {"name", "name_key", *BEFORE[code]}, BEFORE[code])


def join(apps, schema_editor):
    hazard_type = apps.get_model("inspections", "HazardType")
    shipped = {row["code"]: row for row in hazards()}
    for code, (name, others) in PARTED.items():
        hazard_type.objects.filter(code__in=others).delete()
        kind = hazard_type.objects.get(code=code)
        if kind.name == shipped[code]["name"]:
            row = BEFORE[code] | {"name": name, "name_key": squeezed(name)}
            _write(kind, row, set(row), shipped[code])


def _write(kind, row, names, unchanged):
    """Set ``names`` of ``kind`` to what ``row`` says, but for what a bureau has changed from ``unchanged``."""
    for name in names:
        if name in ("name", "name_key") or getattr(kind, name) == unchanged[name]:
            setattr(kind, name, row[name])
    kind.save(update_fields=sorted(names))


class Migration(migrations.Migration):
    dependencies = [("inspections", "0012_encrypt_complainants")]
    operations = [migrations.RunPython(part, join)]
