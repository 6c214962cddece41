"""What stands on papers are articles of national law; other regions' rules and amounts go to `hint`. EQ03 is parted.

Only entries no bureau has confirmed or worded itself; what was found and issued before stays (see 0013). The gate
refuses papers that cite what a bureau has kept of it, and says who mends it where.
"""

from django.db import migrations

from fire_supervision.lib.text import squeezed
from inspections.seeds import hazards, hints

# What the entries said until now, where they say otherwise.
BEFORE = {
    "AC01": {"violates": "消防法第28条；第18条第2款（物业）"},
    "AC02": {"violates": "消防法第28条（占用消防车通道/妨碍灭火救援）"},
    "EQ03": {
        "name": "灭火器、消火栓被遮挡、圈占、埋压",
        "penalty": "消防法第60条第1款第4项（消火栓）或第1项（灭火器）",
    },
    "EQ10": {"violates": "地方性法规/政府规章（如河南省消防条例第35条）"},
    "EB02": {
        "violates": "消防法第28条；地方条例（如粤办法第25条第3款、新乡条例、沪非机动车条例）",
        "penalty": (
            "消防法第60条第2款（个人警告或500元以下）或地方条例（粤办法第49条：单位1000-5000元、个人500-1000元；"
            "新乡第37条：200元，派出所可责令改正）"
        ),
    },
    "EB04": {"violates": "地方条例；消防法第16条/第27条"},
    "EB05": {"violates": "应急部令5号第37条；消防法第16条"},
    "GA05": {"violates": "地方条例（如北京市消防条例第86条1000-5000元）；消防法第27条"},
    "FI04": {"violates": "消防法第21条；地方条例（沪条例第69条5000-50000元）"},
    "DG03": {"violates": "消防法第23条；危险化学品安全管理条例；烟花爆竹安全管理条例"},
    "MX03": {"violates": "地方出租房屋管理规定；消防法第26条"},
    "MG02": {"violates": "消防法第16条第1款第5项；公安部令61号第25、26条"},
    "MG03": {"violates": "消防法第6条第2款、第16条；公安部令109号"},
}
# A blocked extinguisher is no hydrant (消防法第28条): it is not kept as 第16条第1款第2项 asks.
PARTED, OTHER, ROW = "EQ03", "EQ15", "extinguishers"


def settle(apps, schema_editor):
    hazard_type = apps.get_model("inspections", "HazardType")
    shipped = {row["code"]: row for row in hazards()}
    _part(apps, shipped[OTHER])
    told = hints()
    for code, before in BEFORE.items():
        kind = hazard_type.objects.get(code=code)
        now = {name: shipped[code][name] for name in before}
        if kind.confirmed or any(getattr(kind, name) not in (before[name], now[name]) for name in before):
            continue
        _write(kind, now | {"hint": told.get(code, "")})


def unsettle(apps, schema_editor):
    hazard_type = apps.get_model("inspections", "HazardType")
    shipped = {row["code"]: row for row in hazards()}
    for code, before in BEFORE.items():
        kind = hazard_type.objects.get(code=code)
        if not kind.confirmed and all(getattr(kind, name) == shipped[code][name] for name in before):
            _write(kind, before | {"hint": ""})
    _offer(apps, OTHER, PARTED)
    hazard_type.objects.filter(code=OTHER).delete()


def _write(kind, values):
    for name, value in values.items():
        setattr(kind, name, value)
    kind.name_key = squeezed(kind.name)
    kind.save(update_fields=[*values, "name_key"])


def _part(apps, row):
    """The entry of the extinguisher, with the bureaus' own bases for the one that held it, at its rows instead of it."""
    hazard_type = apps.get_model("inspections", "HazardType")
    kind, created = hazard_type.objects.get_or_create(code=OTHER, defaults=row)
    former = hazard_type.objects.get(code=PARTED)
    for basis in former.bases.all() if created else ():
        kind.bases.get_or_create(bureau=basis.bureau, defaults={"basis": basis.basis})
    _offer(apps, PARTED, OTHER)


def _offer(apps, old, new):
    """Offer ``new`` instead of ``old`` where the form asks about extinguishers."""
    types = apps.get_model("inspections", "HazardType").objects
    for item in apps.get_model("inspections", "ChecklistItem").objects.filter(code=ROW):
        for entry in item.values:
            if old in entry.get("hazards", []):
                entry["hazards"] = [new if code == old else code for code in entry["hazards"]]
        item.save(update_fields=["values"])
        if item.hazard_types.filter(code=old).exists():
            item.hazard_types.remove(types.get(code=old))
            item.hazard_types.add(types.get(code=new))


class Migration(migrations.Migration):
    dependencies = [("inspections", "0015_hint")]
    operations = [migrations.RunPython(settle, unsettle)]
