"""`manage.py organization`: the first organization, and the link by which its owner gets in."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from events.models import Member, Organization

pytestmark = pytest.mark.django_db


def found(slug: str = "kofa", name: str = "Korea Film Academy", owner: str = "owner@demo.example") -> str:
    out = StringIO()
    call_command("organization", slug, name=name, owner=owner, stdout=out)
    return out.getvalue().strip()


def test_the_printed_link_signs_the_owner_in(client: Client) -> None:
    link = found()

    assert client.get(link).status_code == 200
    assert client.get("/organize/").status_code == 302
    assert client.post(link).status_code == 302

    assert client.get("/organize/").status_code == 200
    assert Member.objects.values_list("organization__slug", "person__email", "role").get() == (
        "kofa", "owner@demo.example", "owner",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "titles"),
    [("Korea Film Academy", ("", "Korea Film Academy")), ("한국 영화 아카데미", ("한국 영화 아카데미", ""))],
)
def test_a_name_goes_to_the_column_of_its_language(name: str, titles: tuple[str, str]) -> None:
    found(name=name)

    assert Organization.objects.values_list("title_ko", "title_en").get() == titles


@pytest.mark.parametrize(
    ("wrong", "says"), [({"slug": "no slug"}, "SLUG: "), ({"owner": "nobody"}, "이메일"), ({"name": " "}, "이름")]
)
def test_what_is_wrong_is_said_and_nothing_is_made(wrong: dict[str, str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        found(**wrong)

    assert not Organization.objects.exists()
