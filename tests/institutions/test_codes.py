"""Connect codes: what can be one, who gets one, and that none is ever given twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from connect_portal.audit.models import Event
from connect_portal.facts import sdk_default_tags
from connect_portal.institutions.actions import issue_code
from connect_portal.institutions.codes import is_code
from connect_portal.institutions.enums import Channel, CodeState
from connect_portal.institutions.errors import CodeIssued, CodeMalformed, CodeOfLibrary, CodeTaken
from connect_portal.institutions.models import ConnectCode, Institution
from connect_portal.institutions.queries import (
    code_holders,
    code_of,
    is_open,
    open_to_bindings,
)
from connect_portal.kit.errors import Refusal
from tests import cast

LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
NOT_CODES = ["", "a" * 17, "AB CD", "AB-CD", "ABCD\n", "ÄBCD", "١٢٣", "ABＣD", "A\x00B", "\ud800"]


def issue(place: Institution, code: str | None = None, venue: str = "okx-us") -> str:
    return issue_code(place.pk, venue=venue, actor=cast.ACTOR, code=code).code


def retire(code: str) -> None:
    ConnectCode.objects.filter(code=code).update(state=CodeState.RETIRED)


# --- the grammar --------------------------------------------------------------------------------
@given(st.text(alphabet=LETTERS_AND_DIGITS, min_size=1, max_size=16))
def test_up_to_16_letters_and_digits_make_a_code(text: str) -> None:
    assert is_code(text)


@given(st.text(max_size=20))
def test_nothing_else_does(text: str) -> None:
    assert is_code(text) == (0 < len(text) <= 16 and set(text) <= set(LETTERS_AND_DIGITS))


@pytest.mark.parametrize("code", ["ABCD", "ABCDabcdef123", "a", "0"])
def test_the_examples_of_the_published_rules_are_codes(code: str) -> None:
    assert is_code(code)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "code", ["", "AB CD", "AB-CD", "ABCD\n", "ÄBCD", "١٢٣", "ABＣD"], ids=ascii
)
def test_the_table_keeps_the_same_grammar(code: str, acme: Institution) -> None:
    row = ConnectCode(institution=acme, venue="okx-us", code=code, state="reserved")
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


# --- issuing ------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_code_nobody_chose_is_twelve_random_letters_and_digits(acme: Institution) -> None:
    seen = set()
    for number in range(20):
        code = issue(acme, venue=f"venue-{number}")
        assert len(code) == 12
        assert is_code(code)
        seen.add(code)
    assert len(seen) == 20


@pytest.mark.django_db
@pytest.mark.parametrize("code", NOT_CODES, ids=ascii)
def test_what_no_tag_can_carry_is_refused_and_nothing_is_written(
    code: str, acme: Institution
) -> None:
    before = Event.objects.count()
    with pytest.raises(CodeMalformed):
        issue(acme, code)
    assert code_of(acme.pk, "okx-us") is None
    assert Event.objects.count() == before


@pytest.mark.django_db
def test_the_tag_of_a_client_library_is_nobodys_code(acme: Institution) -> None:
    libraries = [tag for tag in sdk_default_tags() if is_code(tag)]
    assert libraries
    for tag in libraries:
        with pytest.raises(CodeOfLibrary, match=tag):
            issue(acme, tag)


@pytest.mark.django_db
def test_a_code_is_given_once_at_a_venue_and_not_again_when_it_is_retired(
    acme: Institution, zenith: Institution
) -> None:
    issue(acme, "ABCD")
    with pytest.raises(CodeTaken, match="ABCD"):
        issue(zenith, "ABCD")
    retire("ABCD")
    for place in (acme, zenith):
        with pytest.raises(CodeTaken):
            issue(place, "ABCD")
    assert issue(zenith, "abcd") == "abcd"
    assert issue(zenith, "ABCD", venue="elsewhere") == "ABCD"


@pytest.mark.django_db
def test_an_institution_has_one_code_in_use_at_a_venue(acme: Institution) -> None:
    issue(acme, "FIRST1")
    with pytest.raises(CodeIssued, match="okx-us"):
        issue(acme, "SECOND2")
    assert code_of(acme.pk, "okx-us") == "FIRST1"
    retire("FIRST1")
    assert code_of(acme.pk, "okx-us") is None
    assert issue(acme, "SECOND2") == code_of(acme.pk, "okx-us") == "SECOND2"


@pytest.mark.django_db
def test_the_trail_says_who_gave_which_code_to_whom(acme: Institution) -> None:
    issue(acme, "ABCD")
    line = Event.objects.order_by("pk").last()
    assert line is not None
    assert (line.tag, line.actor) == ("institutions:code:issued", cast.ACTOR)
    assert line.subject == f"institution:{acme.pk}"
    assert line.data == {"venue": "okx-us", "code": "ABCD", "state": "reserved"}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_for_one_code_at_once_one_gets_it(
    acme: Institution, zenith: Institution
) -> None:
    at_once = Barrier(2)

    def ask(place: Institution) -> str:
        try:
            with transaction.atomic():
                at_once.wait()
                return issue(place, "ABCD")
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        answers = sorted(both.map(ask, (acme, zenith)))
    assert answers == ["ABCD", "code.taken"]
    assert ConnectCode.objects.filter(code="ABCD").count() == 1
    assert Event.objects.filter(data__code="ABCD").count() == 1


# --- reading ------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("state", CodeState.values)
def test_orders_count_and_users_bind_for_a_sandbox_or_active_code(
    state: str, acme: Institution
) -> None:
    ConnectCode.objects.update(state=state)
    works = state in (CodeState.SANDBOX, CodeState.ACTIVE)
    assert bool(code_holders(cast.VENUE, ["ACMEcode1"])) == works
    assert [row.pk for row in open_to_bindings(cast.VENUE)] == ([acme.pk] if works else [])
    assert is_open(acme.pk) == works


@pytest.mark.django_db
def test_codes_are_told_apart_by_case_and_by_venue(acme: Institution) -> None:
    assert code_holders(cast.VENUE, ["acmecode1", "ACMECODE1", "ACMEcode1 "]) == {}
    assert code_holders("okx-us", ["ACMEcode1"]) == {}


@pytest.mark.django_db
def test_an_institution_on_oauth_alone_takes_no_keys(acme: Institution) -> None:
    Institution.objects.update(channels=[Channel.OAUTH])
    assert open_to_bindings(cast.VENUE) == []
