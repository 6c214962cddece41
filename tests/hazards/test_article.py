"""What a letter or a report cites of a hazard that was noted with words no paper may cite."""

from collections.abc import Callable

import pytest

from fire_supervision.lib.refusals import Refusal
from hazards.models import Disposition, Hazard, Target
from hazards.papers import referral_basis
from inspections.models import Finding, HazardType, Inspection
from records.models import Document, Kind
from stations.models import User
from tests.hazards.case_papers import Conclude, paper, refer
from tests.hazards.conftest import VISITED

pytestmark = pytest.mark.usefixtures("certificates")
# As the catalogue was delivered once.
FORMER = "消防法第28条；地方条例（如粤办法第25条第3款、新乡条例、沪非机动车条例）"
MEND = "请维护隐患库的公安机关或消防救援大队在隐患库中改写这一条的违反条款。"


def test_a_letter_cites_what_the_catalogue_says_now_where_it_was_noted_with_an_example(
    failed: Hazard, officer: User
) -> None:
    HazardType.objects.filter(pk=failed.hazard_type_id).update(violates="消防法第28条")
    assert failed.article == "消防法第16条第1款第2项"
    Hazard.objects.filter(pk=failed.pk).update(violates=FORMER)
    again = Hazard.objects.get(pk=failed.pk)
    assert (again.article, referral_basis([again])) == ("消防法第28条", "消防法第28条")
    refer(again, officer, basis=referral_basis([again]))
    context = paper(Kind.REFERRAL).context
    assert [row["violates"] for row in context["hazards"]] == ["消防法第28条"]
    assert (context["basis"], context["violates"]) == ("消防法第28条", [])
    assert Hazard.objects.get(pk=failed.pk).violates == FORMER


def test_a_ground_with_an_example_is_refused_at_its_field(failed: Hazard, officer: User) -> None:
    with pytest.raises(Refusal) as refusal:
        refer(failed, officer, basis=FORMER)
    assert [(fault.field, fault.message) for fault in refusal.value.faults] == [
        ("basis", "法律依据：“如”只是举例，没有写定是哪一部规定")
    ]
    assert Document.objects.filter(kind=Kind.REFERRAL).count() == 0


def test_what_has_a_local_rule_alone_is_recorded_and_goes_over_once_the_bureau_has_worded_it(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude, officer: User
) -> None:
    find(visit, "EQ10")
    conclude(visit)
    hazard = Hazard.objects.get()
    assert (hazard.disposition, hazard.violates, hazard.article) == (Disposition.URGE, "", "")
    letter = {"target": Target.OTHER, "authority": "江城市教育局", "basis": "消防法第52条", "sent_on": VISITED}
    with pytest.raises(Refusal) as refusal:
        refer(hazard, officer, **letter)
    assert [(fault.message, fault.remedy) for fault in refusal.value.faults] == [("没有填写第1处隐患违反的条款", MEND)]
    HazardType.objects.filter(code="EQ10").update(violates="《江城市消防条例》第9条")
    refer(Hazard.objects.get(), officer, **letter)
    assert paper(Kind.REFERRAL).context["hazards"][0]["violates"] == "《江城市消防条例》第9条"


def test_a_notice_of_the_catalogue_as_delivered_cites_national_law_alone(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude
) -> None:
    find(visit, "EB02")
    conclude(visit)
    assert [problem["violates"] for problem in paper(Kind.ORDER_NOW).context["problems"]] == ["消防法第28条"]
