"""A paper carries the trail's last checkpoint when it is issued, for good, and its public page says what that means."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from records.actions import void
from records.marks import public_address, qr
from records.models import Document
from stations.models import User
from trail.exporting import lines
from trail.keys import new_pair
from trail.sealing import make_checkpoint
from trail.verifier import verify

NOW = datetime.now(UTC)
Issue = Callable[..., Document]


@pytest.fixture(autouse=True)
def _key(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(new_pair()[0])
    settings.TRAIL_KEY = str(path)


def test_a_paper_keeps_the_checkpoint_it_was_issued_under(issue: Issue, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    before = issue()
    first = make_checkpoint(NOW)
    assert first is not None
    paper = issue()
    make_checkpoint(NOW + timedelta(hours=1))
    paper.refresh_from_db()
    assert (before.checkpoint, paper.checkpoint) == ("", f"{first.last_sequence}.{first.root[:16]}")
    assert verify(lines(), papers=[paper.checkpoint]).exit_code == 0


def test_the_qr_carries_it_in_the_address_and_stays_small(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://xf.example"
    address = public_address("AbCdEfGhIjKlMnOpQrStUv", "1234567.0123456789abcdef")
    assert address == "https://xf.example/v/AbCdEfGhIjKlMnOpQrStUv/?c=1234567.0123456789abcdef"
    assert len(qr(address)) < 1000


def test_the_public_page_shows_it_and_what_it_means(issue: Issue, client: Client) -> None:
    make_checkpoint(NOW)
    paper = issue()
    page = client.get(f"/v/{paper.token}/?c={paper.checkpoint}").content.decode()
    assert paper.checkpoint in page
    assert "签发时全部审计记录的指纹" in page
    assert "二维码中的检查点与签发时不同" not in page


def test_a_sheet_with_another_checkpoint_than_the_register_is_called_out(issue: Issue, client: Client) -> None:
    paper = issue()
    page = client.get(f"/v/{paper.token}/?c=7.0123456789abcdef").content.decode()
    assert "二维码中的检查点与签发时不同" in page


def test_a_paper_without_one_says_nothing_of_it(issue: Issue, client: Client) -> None:
    assert "审计检查点" not in client.get(f"/v/{issue().token}/").content.decode()


def test_a_void_paper_keeps_it(issue: Issue, officer: User) -> None:
    make_checkpoint(NOW)
    paper = issue()
    voided = void(paper, officer, "写错", paper.issued_on)
    assert voided.checkpoint == paper.checkpoint != ""
