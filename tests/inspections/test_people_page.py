"""The page of people and signatures."""

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from inspections import actions
from inspections.models import Inspection, Signer
from inspections.papers import seen_digest
from records.fields import WITNESS_ALONE
from stations.models import Organisation, User
from stations.permissions import Role
from tests.inspections.conftest import AT, STROKES

Browse = Callable[[User], Client]


def url(inspection: Inspection) -> str:
    return reverse("inspections:people", args=[inspection.pk])


@pytest.fixture
def form(partner: User) -> dict[str, object]:
    people = {"second": partner.pk, "showed_id": "on", "companion": "刘桂香", "companion_post": "店主"}
    return people | {"ink": "1", "place": "北大街62号"}


def test_the_choices_are_the_others_of_the_station_who_may(
    draft: Inspection, officer: User, partner: User, chief: User, assistant: User, stranger: User, browse: Browse,
    person: Callable[..., User], station: Organisation,
) -> None:  # fmt: skip
    person(Role.OFFICER, station, "新民警", certificate_no="")
    fields = browse(officer).get(url(draft)).context["form"].fields
    assert [pk for pk, _ in fields["second"].choices] == ["", partner.pk, chief.pk]
    assert [pk for pk, _ in fields["assistant"].choices] == ["", assistant.pk]


def test_what_is_entered_is_saved_even_when_something_is_missing(
    draft: Inspection, officer: User, partner: User, form: dict[str, object], browse: Browse
) -> None:
    response = browse(officer).post(url(draft), form | {"go": "1"})
    assert response.status_code == 200
    assert response.context["lacking"][0] == {
        "words": "建筑物：还没有检查结果",
        "url": f"{reverse('inspections:fill', args=[draft.pk])}?group=legality#item-basis",
    }
    draft.refresh_from_db()
    assert (draft.second, draft.showed_id, draft.ink) == (partner, True, True)


def test_a_complete_visit_goes_on_to_what_follows(
    ready: Inspection, officer: User, form: dict[str, object], browse: Browse
) -> None:
    response = browse(officer).post(url(ready), form | {"go": "1"})
    assert response["Location"] == reverse("conclude", args=[ready.pk])


def test_saving_alone_stays_on_the_page(
    draft: Inspection, officer: User, form: dict[str, object], browse: Browse
) -> None:
    assert browse(officer).post(url(draft), form)["Location"] == url(draft)


def test_three_signatures_drawn_in_one_go_are_kept_with_their_names(
    draft: Inspection, officer: User, form: dict[str, object], browse: Browse
) -> None:
    drawn = {f"sign_{signer.lower()}": json.dumps(STROKES) for signer in Signer}
    browse(officer).post(url(draft), form | drawn | {"ink": "", "seen": seen_digest(draft)})
    assert dict(draft.signatures.values_list("signer", "name")) == {
        "LEAD": "李建平", "SECOND": "张海涛", "COMPANION": "刘桂香",
    }  # fmt: skip
    assert draft.signatures.get(signer="LEAD").strokes == STROKES


def test_sent_again_a_signature_is_not_signed_anew_and_emptied_it_is_gone(
    draft: Inspection, officer: User, form: dict[str, object], browse: Browse
) -> None:
    client, drawn = browse(officer), {"sign_lead": json.dumps(STROKES), "seen": seen_digest(draft)}
    client.post(url(draft), form | drawn | {"ink": ""})
    first = draft.signatures.get()
    client.post(url(draft), form | drawn | {"ink": ""})
    assert draft.signatures.get().signed_at == first.signed_at
    client.post(url(draft), form | {"sign_lead": "", "ink": ""})
    assert draft.signatures.count() == 0


def test_who_signs_on_the_screen_says_where_or_lets_the_device_say_it(
    draft: Inspection, officer: User, form: dict[str, object], browse: Browse
) -> None:
    client, drawn = browse(officer), {"sign_lead": json.dumps(STROKES), "seen": seen_digest(draft), "ink": ""}
    refused = client.post(url(draft), form | drawn | {"place": " "}).context["form"]
    assert refused.errors == {"place": ["没有写明签名地点。填写地点，或者附上本机定位。"]}
    assert (refused["sign_lead"].value(), draft.signatures.count()) == (json.dumps(STROKES), 0)
    assert client.post(url(draft), form | drawn | {"place": "", "ink": "1"}).status_code == 302
    where = {"place": "", "latitude": "30.1234", "longitude": "120.1234"}
    client.post(url(draft), form | drawn | where | {"seen": seen_digest(Inspection.objects.get())})
    assert draft.signatures.values_list("place", "latitude", "longitude").get() == ("", "30.1234", "120.1234")


def test_a_signature_from_before_that_names_no_place_stands_while_others_sign(
    draft: Inspection, officer: User, form: dict[str, object], browse: Browse
) -> None:
    client, drawn = browse(officer), {"sign_lead": json.dumps(STROKES), "ink": ""}
    client.post(url(draft), form | drawn | {"seen": seen_digest(draft)})
    draft.signatures.update(place="")
    kept = form | drawn | {"place": "", "seen": seen_digest(Inspection.objects.get())}
    assert client.post(url(draft), kept).status_code == 302
    assert draft.signatures.values_list("signer", "place").get() == ("LEAD", "")
    both = kept | {"sign_second": json.dumps(STROKES)}
    assert list(client.post(url(draft), both).context["form"].errors) == ["place"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "sent",
    ["nonsense", "{}", '{"strokes": 3}', '{"width": 1, "height": 1, "strokes": [["x"]]}', "[" * 3000, "9" * 200_001,
     '{"width": 1e999, "height": 1, "strokes": []}',
     '{"width": 300, "height": 160, "strokes": [[[9, 9, 0], [11, 9, 5]]]}',
     '{"width": 300, "height": 160, "strokes": [[[9, 9, 0], [1' + "0" * 400 + ', 9, 5]]]}',
     '{"width": 300, "height": 160, "strokes": [[[9, 9, 0], [90, -20001, 5]]]}',
     '{"width": 20001, "height": 160, "strokes": [[[9, 9, 0], [9000, 9, 5]]]}'],
)  # fmt: skip
def test_a_signature_that_is_none_is_asked_for_again(
    draft: Inspection, officer: User, form: dict[str, object], browse: Browse, sent: str
) -> None:
    response = browse(officer).post(url(draft), form | {"sign_lead": sent, "ink": ""})
    assert list(response.context["form"].errors) == ["sign_lead"]
    assert draft.signatures.count() == 0


def test_a_refusal_needs_no_third_signature(
    ready: Inspection, officer: User, form: dict[str, object], browse: Browse
) -> None:
    drawn = {"sign_lead": json.dumps(STROKES), "sign_second": json.dumps(STROKES), "sign_companion": ""}
    refused = form | drawn | {"ink": "", "refusal": "拒绝签名，已全程录音录像", "witness": "邻居赵德厚", "go": "1"}
    response = browse(officer).post(url(ready), refused | {"seen": seen_digest(ready)})
    assert response["Location"] == reverse("conclude", args=[ready.pk])
    ready.refresh_from_db()
    assert ready.witness == "邻居赵德厚"


def test_a_witness_is_named_beside_what_he_saw_alone(
    draft: Inspection, officer: User, form: dict[str, object], browse: Browse
) -> None:
    client, alone = browse(officer), form | {"witness": "邻居赵德厚"}
    refused = client.post(url(draft), alone)
    assert refused.context["form"].errors == {"witness": [WITNESS_ALONE]}
    beside = refused.content.decode().split('id="div_id_witness"')[1].split('id="div_id_')[0]
    assert beside.count(WITNESS_ALONE) == 1
    draft.refresh_from_db()
    assert (draft.companion, draft.witness) == ("", "")
    assert client.post(url(draft), alone | {"refusal": "拒绝签名"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.refusal, draft.witness) == ("拒绝签名", "邻居赵德厚")


def test_the_person_the_ledger_names_is_suggested_and_a_typed_one_stays(
    draft: Inspection, officer: User, form: dict[str, object], browse: Browse
) -> None:
    client = browse(officer)
    assert client.get(url(draft)).context["form"]["companion"].value() == "刘桂香"
    client.post(url(draft), form | {"companion": "李秀兰"})
    assert client.get(url(draft)).context["form"]["companion"].value() == "李秀兰"


def test_somebody_who_cannot_be_the_second_officer_is_no_choice(
    draft: Inspection, officer: User, assistant: User, form: dict[str, object], browse: Browse
) -> None:
    response = browse(officer).post(url(draft), form | {"second": assistant.pk})
    assert list(response.context["form"].errors) == ["second"]


def test_the_page_is_for_the_two_officers_of_the_visit(
    ready: Inspection, officer: User, partner: User, chief: User, stranger: User, supervisor: User, browse: Browse
) -> None:
    assert browse(partner).get(url(ready)).status_code == 200
    assert browse(chief).get(url(ready))["Location"] == reverse("inspections:detail", args=[ready.pk])
    assert browse(supervisor).get(url(ready)).status_code == 403
    assert browse(stranger).get(url(ready)).status_code == 404
    actions.submit(ready, officer, AT)
    assert browse(partner).get(url(ready))["Location"] == reverse("inspections:detail", args=[ready.pk])


@pytest.mark.parametrize("field", ["companion", "companion_post", "refusal", "witness"])
def test_what_no_face_has_is_refused_where_it_is_typed(
    draft: Inspection, officer: User, form: dict[str, object], browse: Browse, field: str
) -> None:
    sent = browse(officer).post(url(draft), form | {field: "刘桂香😀"})
    assert dict(sent.context["form"].errors) == {field: ["表情符号😀印不出来，请删去或改成文字"]}
    assert "刘桂香😀" in sent.content.decode()
