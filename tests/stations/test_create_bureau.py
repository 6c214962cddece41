"""The first step of an installation."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from stations.models import Organisation, User
from trail.models import AuditEntry

ARGUMENTS = ["江城市公安局", "--code-word=江公", "--system=71:钱系统", "--security=72:冯安全", "--audit=73:蒋审计"]


def test_the_first_bureau_is_entered_with_its_three_administrators(db: None) -> None:
    out = StringIO()

    call_command("create_bureau", *ARGUMENTS, stdout=out)

    bureau = Organisation.objects.get()
    assert (bureau.name, bureau.code_word, bureau.bureau) == ("江城市公安局", "江公", bureau)
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert [line[:3] for line in lines] == [
        ["系统管理员", "71", "钱系统"],
        ["安全管理员", "72", "冯安全"],
        ["审计管理员", "73", "蒋审计"],
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


def test_numbers_and_names_are_kept_as_the_forms_keep_them(db: None) -> None:
    call_command(
        "create_bureau", " 江城市公安局　", "--code-word= 江公", "--system= ７０ａ１ ：钱系统 ", "--security=72:冯安全",
        "--audit=73:蒋审计", stdout=StringIO(),
    )  # fmt: skip

    assert list(User.objects.order_by("pk").values_list("number", "name")) == [
        ("70A1", "钱系统"), ("72", "冯安全"), ("73", "蒋审计"),
    ]  # fmt: skip
    assert Organisation.objects.get().name == "江城市公安局"


@pytest.mark.parametrize("written", ["7:钱系统", "七十一:钱系统", "7 1:钱系统"])
def test_what_no_form_takes_as_a_number_is_not_taken(db: None, written: str) -> None:
    with pytest.raises(CommandError, match="警号是 2 至 20 位数字或字母"):
        call_command("create_bureau", *ARGUMENTS[:2], f"--system={written}", *ARGUMENTS[3:])

    assert not Organisation.objects.exists()


def test_a_person_written_badly_is_named(db: None) -> None:
    with pytest.raises(CommandError, match="冯安全 is not NUMBER:NAME"):
        call_command("create_bureau", *ARGUMENTS[:3], "--security=冯安全", ARGUMENTS[4])
