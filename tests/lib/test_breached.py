"""The list of breached passwords is searched where it lies, and told when it cannot be."""

from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fire_supervision.lib import breached


def digest(password: str) -> str:
    return sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def write(place: Path, lines: list[str], end: str = "\n") -> str:
    place.write_bytes("".join(line + end for line in lines).encode())
    return str(place)


@settings(max_examples=40)
@given(
    listed=st.sets(st.text(max_size=8), max_size=30), asked=st.text(max_size=8), counts=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
)  # fmt: skip
def test_it_is_found_exactly_when_it_is_listed(
    tmp_path_factory: pytest.TempPathFactory, listed: set[str], asked: str, counts: bool, end: str
) -> None:
    hashes = sorted(map(digest, listed))
    lines = [f"{each}:{place * 7919}" if counts else each for place, each in enumerate(hashes)]
    place = write(tmp_path_factory.mktemp("list") / "pwned.txt", lines, end)

    assert [breached.holds(place, each) for each in sorted(listed)] == [True] * len(listed)
    assert breached.holds(place, asked) == (asked in listed)


def test_a_list_in_small_letters_and_without_a_last_line_break_is_searched_too(tmp_path: Path) -> None:
    hashes = sorted(map(digest, ("password", "123456", "qwerty")))
    place = tmp_path / "pwned.txt"
    place.write_text("\n".join(hashes).lower())

    assert [breached.holds(str(place), each) for each in ("password", "123456", "qwerty", "other")] == [
        True, True, True, False,
    ]  # fmt: skip


def test_a_large_list_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = write(tmp_path / "pwned.txt", sorted(f"{digest(str(number))}:1" for number in range(50_000)))
    reads = []
    line_at = breached._line_at
    monkeypatch.setattr(breached, "_line_at", lambda *args: reads.append(args) or line_at(*args))

    assert (breached.holds(place, "49999"), breached.holds(place, "50000")) == (True, False)
    assert len(reads) < 60


def test_a_list_that_can_be_searched_has_no_fault(tmp_path: Path) -> None:
    lines = sorted(f"{digest(str(number))}:3" for number in range(1000))
    assert breached.fault(write(tmp_path / "a", lines)) == ""
    assert breached.fault(write(tmp_path / "b", lines[:1], "\r\n")) == ""


def test_what_cannot_be_searched_is_told(tmp_path: Path) -> None:
    lines = sorted(f"{digest(str(number))}:3" for number in range(1000))
    assert breached.fault(str(tmp_path / "nowhere")) == "cannot be read (No such file or directory)"
    assert breached.fault(str(tmp_path)) == "cannot be read (Is a directory)"
    assert breached.fault(write(tmp_path / "a", [])) == "is empty"
    assert breached.fault(write(tmp_path / "b", lines[::-1])) == "is not sorted by its hashes"
    # As the same source offers it by frequency.
    assert breached.fault(write(tmp_path / "c", [*lines[500:], *lines[:500]])) == "is not sorted by its hashes"
    said = "holds lines other than HASH:COUNT (SHA-1 in hexadecimal)"
    assert breached.fault(write(tmp_path / "d", ["123456", "password"])) == said
    assert breached.fault(write(tmp_path / "e", [line[:32] for line in lines])) == said
