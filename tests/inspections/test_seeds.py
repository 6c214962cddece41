"""What is delivered: the catalogue and the three lists of the law."""

import json
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import ProtectedError

from inspections.bases import only_referred
from inspections.models import (
    Checklist,
    ChecklistItem,
    Finding,
    HazardType,
    Inspection,
    Mark,
    OrderBasis,
    OrderItemRule,
    Subject,
)
from records import papers
from records.fills import chosen_in, undecided
from records.gate import check
from records.models import Copy
from records.models import Kind as DocumentKind
from records.samples.visit import COMMITTEE_ROWS, ORDER_LIMIT, ORDER_NOW, PROPERTY_SECTIONS, SECTIONS
from stations.models import Organisation

pytestmark = pytest.mark.django_db


def printed(item: ChecklistItem) -> list[str]:
    return [entry["value"] for entry in item.values if entry.get("printed", True)]


def test_the_catalogue_has_73_entries_and_none_is_confirmed_by_us() -> None:
    assert HazardType.objects.count() == 73
    assert HazardType.objects.filter(confirmed=True).count() == 0


def test_only_what_is_handed_over_has_a_period_of_no_days() -> None:
    without = HazardType.objects.filter(mode="LIMIT", days=0)
    assert [(kind.code, only_referred(kind.order_item)) for kind in without] == [("BD04", True), ("BD05", True)]


def test_the_rows_of_a_unit_are_the_rows_of_the_official_form_in_print_order() -> None:
    items = ChecklistItem.objects.filter(checklist__subject=Subject.UNIT)
    form = [(section["name"], row["text"], row["options"]) for section in SECTIONS for row in section["rows"]]
    assert [(item.group_name, item.text, printed(item)) for item in items] == form


def test_the_rows_of_a_committee_are_the_seven_of_the_form() -> None:
    items = ChecklistItem.objects.filter(checklist__subject=Subject.COMMITTEE)
    assert [(item.text, printed(item)) for item in items] == [(row["text"], row["options"]) for row in COMMITTEE_ROWS]


def test_the_sample_of_a_property_company_has_the_rows_that_are_asked_of_one() -> None:
    items = ChecklistItem.objects.filter(checklist__subject=Subject.PROPERTY)
    form = [(section["name"], row["text"], row["options"]) for section in PROPERTY_SECTIONS for row in section["rows"]]
    assert [(item.group_name, item.text, printed(item)) for item in items] == form


def test_a_property_company_is_asked_about_points_2_to_4_and_the_shared_facilities() -> None:
    items = ChecklistItem.objects.filter(checklist__subject=Subject.PROPERTY, is_text=False)
    assert [item.code for item in items] == [
        "rules", "training", "checks", "plan", "drill",
        "lane", "route", "exit", "signs", "lights",
        "hydrant", "extinguishers", "shared",
    ]  # fmt: skip


def test_every_printed_value_is_marked_and_every_row_can_pass_or_is_not_concerned() -> None:
    for item in ChecklistItem.objects.filter(is_text=False):
        found = {entry["mark"] for entry in item.values}
        assert found <= set(Mark.values)
        assert Mark.PASS in found, item


def test_every_hazard_is_offered_at_some_row_and_first_where_its_value_was_seen() -> None:
    assert HazardType.objects.filter(items__isnull=True).count() == 0
    for item in ChecklistItem.objects.filter(is_text=False).prefetch_related("hazard_types"):
        offered = {kind.code for kind in item.hazard_types.all()}
        for entry in item.values:
            assert set(entry.get("hazards", [])) <= offered, item


def test_words_of_the_form_stand_for_the_first_hazard_of_their_value_only() -> None:
    for item in ChecklistItem.objects.all():
        for entry in item.values:
            assert not entry.get("say") or entry["hazards"], entry


def test_what_follows_from_an_answer_is_a_value_of_a_row_of_the_same_form() -> None:
    followed = 0
    for item in ChecklistItem.objects.all():
        for entry in item.values:
            for code, value in entry.get("then", {}).items():
                other = ChecklistItem.objects.get(checklist=item.checklist, code=code)
                assert other.mark_of(value) is not None
                followed += 1
    assert followed == 1


def test_each_list_names_its_article() -> None:
    assert dict(Checklist.objects.values_list("subject", "basis")) == {
        "UNIT": "《消防监督检查规定》第31条第1款、第2款",
        "PROPERTY": "《消防监督检查规定》第31条第3款",
        "COMMITTEE": "《消防监督检查规定》第32条",
    }


def test_nothing_reads_the_data_outside_the_repository() -> None:
    folder = Path(__file__).parents[2] / "inspections" / "data"
    assert sorted(path.name for path in folder.iterdir()) == ["checklists.json", "hazards.json"]
    assert len(json.loads((folder / "hazards.json").read_text(encoding="utf-8"))) == 73


def test_the_lists_can_be_taken_back_and_loaded_again() -> None:
    steps = [import_module(f"inspections.migrations.{name}") for name in ("0003_catalogue", "0004_checklists")]
    for step in reversed(steps):
        step.unload(apps, None)
    assert (Checklist.objects.count(), ChecklistItem.objects.count(), HazardType.objects.count()) == (0, 0, 0)
    for step in steps:
        step.load(apps, None)
    assert (Checklist.objects.count(), ChecklistItem.objects.count(), HazardType.objects.count()) == (3, 48, 73)


# ---------- one offence each ----------


def parting() -> Any:
    return import_module("inspections.migrations.0013_one_offence_each")


def rows_of_entries() -> dict[str, set[tuple[str, str]]]:
    return {kind.code: set(kind.items.values_list("code", "checklist__subject")) for kind in HazardType.objects.all()}


def test_no_entry_leaves_open_which_offence_it_is_nor_do_the_words_offered_for_it() -> None:
    said = [entry.get("say", "") for item in ChecklistItem.objects.all() for entry in item.values]
    names = list(HazardType.objects.values_list("name", flat=True))
    assert [words for words in [*names, *said] if undecided(words)] == []
    assert [undecided(name) for name, _ in parting().PARTED.values()] == [True] * 4


def test_a_notice_of_any_entry_may_be_issued_and_prints_its_offence_without_a_choice() -> None:
    kinds = list(HazardType.objects.order_by("pk"))
    problems = [
        {"no": no, "offence": kind.name, "detail": "一层走道", "violates": "消防法第28条"}
        for no, kind in enumerate(kinds, start=1)
    ]
    context = ORDER_LIMIT | {
        "problems": problems, "deadlines": [{"items": list(range(1, len(kinds) + 1)), "on": "2026-09-30"}],
    }  # fmt: skip
    assert check(DocumentKind.ORDER_LIMIT, context) == []
    words = re.sub(r"<[^>]*>", "", papers.html(DocumentKind.ORDER_LIMIT, context, Copy.ARCHIVE).split("<body")[1])
    assert [kind.name for kind in kinds if kind.name not in words] == []
    assert ("/" in words, "／" in words) == (False, False)


def test_a_catalogue_from_before_is_parted_once_with_its_rows_and_the_bases_of_a_bureau(bureau: Organisation) -> None:
    now = list(HazardType.objects.order_by("code").values_list("code", "name", "name_key", "violates", "measure"))
    rows = rows_of_entries()
    parting().join(apps, None)
    assert HazardType.objects.count() == 69
    former = HazardType.objects.get(code="EQ08")
    assert (former.name, former.violates) == ("未对建筑消防设施定期组织维修保养/每年全面检测", "消防法第16条第1款第3项")
    OrderBasis.objects.create(bureau=bureau, hazard_type=former, basis="江城市消防条例第9条")
    for _ in range(2):
        parting().part(apps, None)
    fields = ("code", "name", "name_key", "violates", "measure")
    assert list(HazardType.objects.order_by("code").values_list(*fields)) == now
    assert rows_of_entries() == rows
    assert sorted(OrderBasis.objects.values_list("hazard_type__code", "basis")) == [
        ("EQ08", "江城市消防条例第9条"), ("EQ14", "江城市消防条例第9条"),
    ]  # fmt: skip


def test_the_parting_is_not_taken_back_once_a_parted_entry_was_used(
    draft: Inspection, find: Callable[..., Finding]
) -> None:
    found, words = find(draft), sorted(HazardType.objects.values_list("code", "name"))
    Finding.objects.update(hazard_type=HazardType.objects.get(code="EV11"))
    with pytest.raises(ProtectedError), transaction.atomic():
        parting().join(apps, None)
    assert sorted(HazardType.objects.values_list("code", "name")) == words
    Finding.objects.update(hazard_type=found.hazard_type)
    parting().join(apps, None)
    assert HazardType.objects.count() == 69


def test_what_a_bureau_has_worded_itself_keeps_its_wording_when_the_catalogue_is_parted() -> None:
    parting().join(apps, None)
    HazardType.objects.filter(code="GA04").update(name="气瓶与灶具距离不足", measure="分室设置气瓶")
    HazardType.objects.filter(code="EV09").update(measure="门改为外开")
    parting().part(apps, None)
    kept = HazardType.objects.filter(code__in=("EV09", "GA04")).order_by("code").values_list("name", "measure")
    assert list(kept) == [("疏散门向内开启", "门改为外开"), ("气瓶与灶具距离不足", "分室设置气瓶")]


# ---------- articles of national law ----------


def articles() -> Any:
    return import_module("inspections.migrations.0016_national_articles")


def catalogue() -> list[Any]:
    """All that the catalogue and its rows say, but for their ids."""
    fields = [field.name for field in HazardType._meta.concrete_fields if field.name != "id"]
    values = list(ChecklistItem.objects.order_by("pk").values_list("code", "values"))
    return [list(HazardType.objects.order_by("code").values_list(*fields)), values, rows_of_entries()]


def test_a_catalogue_from_before_becomes_the_one_that_is_seeded_now(bureau: Organisation) -> None:
    now = catalogue()
    articles().unsettle(apps, None)
    former = HazardType.objects.get(code="EQ03")
    assert (former.name, former.violates, HazardType.objects.filter(code="EQ15").exists()) == (
        "灭火器、消火栓被遮挡、圈占、埋压", "消防法第28条", False,
    )  # fmt: skip
    assert HazardType.objects.exclude(hint="").count() == 0
    assert {code: HazardType.objects.get(code=code).violates for code in ("EB02", "EQ10")} == {
        "EB02": "消防法第28条；地方条例（如粤办法第25条第3款、新乡条例、沪非机动车条例）",
        "EQ10": "地方性法规/政府规章（如河南省消防条例第35条）",
    }
    extinguishers = ChecklistItem.objects.filter(code="extinguishers")
    assert [entry.get("hazards") for item in extinguishers for entry in item.values[-1:]] == [["EQ01", "EQ03"]] * 2
    OrderBasis.objects.create(bureau=bureau, hazard_type=former, basis="《江城市消防条例》第9条")
    for _ in range(2):
        articles().settle(apps, None)
    assert catalogue() == now
    assert sorted(OrderBasis.objects.values_list("hazard_type__code", flat=True)) == ["EQ03", "EQ15"]


def test_what_a_bureau_has_confirmed_or_worded_keeps_its_articles_and_is_told_what_speaks_against_them() -> None:
    articles().unsettle(apps, None)
    HazardType.objects.filter(code="EB02").update(confirmed=True)
    HazardType.objects.filter(code="FI04").update(violates="《江城市消防条例》第9条")
    HazardType.objects.filter(code="EQ03").update(name="器材被挡")
    kept = HazardType.objects.filter(code__in=("EB02", "FI04", "EQ03")).order_by("code")
    before = list(kept.values())
    articles().settle(apps, None)
    assert list(kept.values()) == before
    assert [kind.uncitable for kind in kept] == ["“如”只是举例，没有写定是哪一部规定", "", ""]


def test_a_blocked_extinguisher_is_not_a_blocked_hydrant() -> None:
    other = HazardType.objects.get(code="EQ15")
    assert (other.violates, other.order_item, other.form_item) == ("消防法第16条第1款第2项", "5?", 1)
    assert {code for code, _ in rows_of_entries()["EQ15"]} == {"extinguishers"}
    assert {code for code, _ in rows_of_entries()["EQ03"]} == {"hydrant"}
    assert chosen_in(other.form_item, "三层走道灭火器被遮挡") == ["消防设施、器材"]
    box = {"no": 6, "chosen": chosen_in(6, "三层走道灭火器被遮挡")}
    assert [fault.message for fault in check(DocumentKind.ORDER_NOW, ORDER_NOW | {"ticked": [box]})] == [
        "第6项没有写明遮挡、圈占、埋压的是消火栓"
    ]
    box = {"no": 6, "chosen": chosen_in(6, "三层走道消火栓被遮挡")}
    assert check(DocumentKind.ORDER_NOW, ORDER_NOW | {"ticked": [box]}) == []


def test_the_items_of_the_law_can_be_taken_back_and_loaded_again() -> None:
    step = import_module("inspections.migrations.0006_seed_order_items")
    step.unseed(apps, None)
    assert OrderItemRule.objects.count() == 0
    step.seed(apps, None)
    step.seed(apps, None)
    assert OrderItemRule.objects.count() == 18
