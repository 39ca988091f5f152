"""An institution's papers and the public rates: technical details, guide, tables from the facts."""

import ast
import json
import re
from html import unescape

import pytest
from django.conf import settings
from django.test import Client

from connect_portal.facts import fee_groups, pairs, sdk_default_tags, us_fee_table
from connect_portal.institutions.enums import Step
from connect_portal.kit.money import plain
from connect_portal.people.enums import MembershipRole
from connect_portal.people.models import Person
from tests import cast
from tests.institutions.road import FIELDS, Road
from tests.institutions.test_road import browser_of

pytestmark = pytest.mark.django_db

GUIDE = "/institution/acme/guide/"


def text_of(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def snippet(page: str, name: str) -> str:
    found = re.search(rf'<code id="{name}">(.*?)</code>', page, re.DOTALL)
    assert found
    return found[1]


# --- technical details ---------------------------------------------------------------------------
def test_technical_details_are_handed_in_by_an_owner_while_it_is_time(road: Road) -> None:
    application = road.until(Step.TECH_SETUP)
    owner, page = browser_of(road.applicant), "/institution/harbor-trading/technical/"
    assert FIELDS["redirect_uris"][0] in text_of(owner, page)
    wrong = {"redirect_uris": "http://harbor.example/cb", "ips": "10.0.0.1"}
    assert owner.post(page, wrong).status_code == 422
    viewer = browser_of(cast.member("Ben", application.institution, MembershipRole.VIEWER))
    right = {"redirect_uris": "https://harbor.example/new", "ips": "8.8.4.0/24"}
    assert viewer.post(page, right).status_code == 403
    assert owner.post(page, right).status_code == 302
    application.refresh_from_db()
    assert application.step == Step.TECH_REVIEW
    assert application.redirect_uris == ["https://harbor.example/new"]
    assert application.ips == ["8.8.4.0/24"]
    assert owner.post(page, right).status_code == 409


# --- the guide ----------------------------------------------------------------------------------
def test_the_example_order_of_the_rules_is_valid_and_carries_the_own_code(ada: Person) -> None:
    page = text_of(browser_of(ada), GUIDE)
    assert json.loads(snippet(page, "order")) == {
        "instId": "BTC-USDT",
        "tdMode": "cash",
        "side": "buy",
        "ordType": "limit",
        "px": "1000",
        "sz": "0.01",
        "clOrdId": "ACMEcode1abcdef123",
        "tag": "ACMEcode1",
    }


def test_the_guide_shows_three_steps_both_channels_and_two_libraries(ada: Person) -> None:
    page = text_of(browser_of(ada), GUIDE)
    assert "Use the Connect API documents" in page
    for name in ("signed-python", "bearer-python", "ccxt", "python-okx"):
        code = snippet(page, name)
        ast.parse(code)
        assert "ACMEcode1" in code
        assert (settings.PUBLIC_URL if "bearer" in name else settings.VENUE_URL) in code
    for tag, library in sdk_default_tags().items():
        assert tag in page
        assert library in page


def test_the_guide_is_for_members_only(ada: Person, mallory: Person) -> None:
    assert browser_of(mallory).get(GUIDE).status_code == 403


# --- the rates ----------------------------------------------------------------------------------
def test_the_rates_are_those_that_the_sandbox_charges_by() -> None:
    page = text_of(Client(), "/rates/")
    for pair in pairs().values():
        row = re.search(rf'<th scope="row">{pair.inst_id}</th>.*?</tr>', page, re.DOTALL)
        assert row
        shown = re.findall(r'data value="([^"]+)"', row[0])
        assert shown == [plain(n) for n in (pair.tick_size, pair.lot_size, pair.min_size)]
        assert f"<td>{fee_groups()[pair.group]}</td>" in row[0]
    for tier in dict.fromkeys(tier for tier, _ in us_fee_table()):
        row = re.search(rf'<th scope="row">{tier}</th>.*?</tr>', page, re.DOTALL)
        assert row
        rates = [rate for (name, _), rate in us_fee_table().items() if name == tier]
        shown = re.findall(r'data value="([^"]+)"', row[0])[2:]
        assert shown == [plain(-100 * n) for rate in rates for n in (rate.maker, rate.taker)]
    assert "https://app.okx.com/fees" in page
    assert "read 2026-11-22" in page


def test_the_rates_name_each_fee_group_and_list_its_pairs() -> None:
    page = text_of(Client(), "/rates/")
    for group, name in fee_groups().items():
        row = re.search(rf'<th scope="row">{name}</th><td class="wrap">(.*?)</td>', page)
        assert row
        mine = [pair.inst_id for pair in pairs().values() if pair.group == group]
        assert re.findall(r'<span class="whole">(.*?)</span>', row[1]) == mine
        assert f'<th scope="col" class="num">{name}</th>' in page
