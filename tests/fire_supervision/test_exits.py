"""What leaves as a file to be saved was asked for with a reason, at every address there is; the exceptions say why."""

# ruff: noqa: F811 - the stage is a fixture

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.http import HttpResponseBase

from stations.permissions import ROLE_CAN, Role
from tests.fire_supervision.stage import (
    HANDLER,
    Owner,
    Stage,
    _environ,
    _files_stay_in_the_test_and_passwords_are_cheap,  # noqa: F401
    stage,  # noqa: F401
)
from tests.fire_supervision.world import TODAY
from tests.hazards.conftest import moment
from trail.models import Checkpoint

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.django_db]
# Saved by whoever may see the page, and nobody is asked what for; each leaves an entry all the same (the witness).
NOTHING_OF_ANYBODY = {
    "trail:verifier": "the program that verifies the trail: the same for everybody",
    "trail:checkpoint": "a checkpoint is made to be handed out, to as many as possible",
    "stations:roster_template": "an empty table",
}
# Of the third way, ?export, the gate itself asks at every address (stations/test_exports).
ASKING = ("", "?download=1")


def straight(stage: Stage, who: str, url: str) -> HttpResponseBase:
    """The answer to somebody who gives no reason, read to its end."""
    with transaction.atomic():
        response = HANDLER(_environ("GET", url, stage.cookies[who], {}))
        if response.streaming:
            b"".join(response)
        transaction.set_rollback(True)
    return response


def answers(stage: Stage) -> Iterator[tuple[str, HttpResponseBase]]:
    for address in stage.addresses:
        if address.capability is None or address.name == "stations:logout":
            continue
        capable = [role for role in Role if address.capability in ROLE_CAN[role]]
        who = Role.OFFICER if Role.OFFICER in capable else capable[0]
        for query in ASKING:
            yield address.name, straight(stage, who, stage.url(address, Owner.OWN) + query)


def test_every_file_to_be_saved_is_asked_what_for(stage: Stage) -> None:
    saved, asked = set(), set()
    with transaction.atomic():
        Checkpoint.objects.create(number=1, at=moment(TODAY, 9), last_sequence=0, public_key="0" * 64)
        for name, response in answers(stage):
            if response.get("Content-Disposition", "").startswith("attachment"):
                saved.add(name)
            elif response.status_code == 302 and response["Location"].startswith("/export/?next="):
                asked.add(name)
        transaction.set_rollback(True)
    assert saved == set(NOTHING_OF_ANYBODY)
    assert {"records:file", "records:scan_file", "desk:download", "trail:export_file", "units:import_rejected"} <= asked
