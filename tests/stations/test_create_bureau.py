"""The first step of an installation."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from stations.models import Organisation, User
from trail.models import AuditEntry

ARGUMENTS = ["江城市公安局", "--code-word=江公", "--system=1:钱系统", "--security=2:冯安全", "--audit=3:蒋审计"]


def test_the_first_bureau_is_entered_with_its_three_administrators(db: None) -> None:
    out = StringIO()

    call_command("create_bureau", *ARGUMENTS, stdout=out)

    bureau = Organisation.objects.get()
    assert (bureau.name, bureau.code_word, bureau.bureau) == ("江城市公安局", "江公", bureau)
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert [line[:3] for line in lines] == [
        ["系统管理员", "1", "钱系统"],
        ["安全管理员", "2", "冯安全"],
        ["审计管理员", "3", "蒋审计"],
    ]
    assert all(User.objects.get(number=number).check_password(password) for _, number, _, password in lines)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "actor_name")) == [
        ("stations.found_bureau", "系统"),
        *[("stations.create_person", "系统")] * 3,
    ]


def test_an_installation_is_begun_once(bureau: Organisation) -> None:
    with pytest.raises(CommandError, match="已经有机构"):
        call_command("create_bureau", *ARGUMENTS)

    assert Organisation.objects.get() == bureau


def test_a_person_written_badly_is_named(db: None) -> None:
    with pytest.raises(CommandError, match="冯安全 is not NUMBER:NAME"):
        call_command("create_bureau", *ARGUMENTS[:3], "--security=冯安全", ARGUMENTS[4])
