"""A door of the wall is shut behind whoever went through it, whatever became of the act."""

import pytest
from django.db import IntegrityError, transaction

from fire_supervision.lib.wall import Setting, recall, tell, told
from stations.models import Message, User
from stations.wall import Door, reach_of_anybody, through


def test_inside_a_view_what_was_reached_before_is_reached_again(officer: User) -> None:
    with reach_of_anybody("token"):
        before = told()
        with through(Door.INBOX, officer.pk):
            assert told() == {**(before or {}), Setting.PERSON: str(officer.pk)}
        assert told() == before
    assert told() is None


def test_outside_a_view_nothing_is_told_afterwards(officer: User) -> None:
    recall(None)
    with through(Door.INBOX, officer.pk):
        assert told() == {Setting.PERSON: str(officer.pk)}
    assert told() is None


def test_a_write_that_fails_inside_leaves_no_door_open(officer: User) -> None:
    Message.objects.create(user=officer, key="once", title="一")
    reach = {Setting.PERSON: "7"}
    try:
        tell(reach)
        with pytest.raises(IntegrityError), transaction.atomic(), through(Door.INBOX, officer.pk):
            Message.objects.create(user=officer, key="once", title="二")
        assert told() == reach
    finally:
        recall(None)
