"""How values are written in pages."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal, localcontext

import pytest
from django.template import Context, Template
from django.template.context import RequestContext
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from connect_portal.kit.templatetags.look import amount, grouped, icon, pill, when


def render(text: str, **values: object) -> str:
    return Template("{% load look %}" + text).render(Context(values))


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (Decimal("1234567.890000"), None, "1,234,567.89"),
        (Decimal("-0.000001"), None, "-0.000001"),
        (Decimal("1E+7"), None, "10,000,000"),
        (Decimal("1E-18"), None, "0.000000000000000001"),
        (Decimal("0.000"), None, "0"),
        (Decimal("-1234.50"), None, "-1,234.5"),
        (Decimal("2.345"), 2, "2.34"),
        (Decimal("2.355"), 2, "2.36"),
        (Decimal("-0.001"), 2, "0.00"),
        (Decimal("1000"), 2, "1,000.00"),
    ],
)
def test_an_amount_is_plain_and_grouped(value: Decimal, places: int | None, shown: str) -> None:
    assert grouped(value, places) == shown


@given(st.decimals(min_value=-(10**19), max_value=10**19, places=18))
def test_an_amount_shown_in_full_is_the_amount(value: Decimal) -> None:
    assert Decimal(grouped(value).replace(",", "")) == value


@given(st.decimals(min_value=-(10**19), max_value=10**19, places=18), st.integers(0, 18))
def test_a_rounded_amount_is_within_half_a_unit(value: Decimal, places: int) -> None:
    shown = Decimal(grouped(value, places).replace(",", ""))
    with localcontext(prec=80):
        assert abs(shown - value) * 2 <= Decimal(1).scaleb(-places)


def test_a_rounded_amount_keeps_the_exact_one_beside_it() -> None:
    assert amount(Decimal("96512.4567"), "USDT", places=2) == (
        '<span class="amount"><data value="96512.4567">96,512.46</data> '
        '<span class="unit">USDT</span></span>'
    )


def test_a_float_is_never_an_amount() -> None:
    with pytest.raises(TypeError, match="never a float"):
        amount(0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize("nothing", [amount(None), when(None)])
def test_nothing_is_a_dash_for_the_eye_and_a_word_for_the_ear(nothing: str) -> None:
    assert "—" in nothing
    assert ">none<" in nothing


@pytest.mark.parametrize(
    ("precision", "shown"),
    [
        ("day", "2026-11-22"),
        ("minute", "2026-11-22 10:03"),
        ("second", "2026-11-22 10:03:07"),
        ("ms", "2026-11-22 10:03:07.042"),
    ],
)
def test_a_moment_is_written_in_utc_and_says_so(precision: str, shown: str) -> None:
    moment = datetime(2026, 11, 22, 12, 3, 7, 42_000, tzinfo=timezone(timedelta(hours=2)))
    assert when(moment, precision) == (
        f'<time class="when" datetime="2026-11-22T10:03:07.042000Z">{shown} '
        '<span class="zone">UTC</span></time>'
    )


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        when(datetime(2026, 11, 22))  # noqa: DTZ001  (the mistake under test)


def test_a_pill_says_its_state_in_words_and_by_an_icon() -> None:
    written = pill("No <tag>", "warn")
    assert "tone-warn" in written
    assert "#triangle-alert" in written
    assert written.endswith("No &lt;tag&gt;</span>")


def test_an_unknown_tone_is_a_mistake_of_the_page() -> None:
    with pytest.raises(KeyError):
        pill("Odd", "purple")


def test_an_icon_is_heard_only_when_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in icon("plus")
    assert 'role="img" aria-label="rising"' in icon("trending-up", label="rising")


def test_a_frame_wraps_what_stands_in_it_and_sees_nothing_else() -> None:
    page = '{% frame "card" title=name %}<p>{{ inside }}</p>{% endframe %}'
    written = render(page, name="A & B", inside="<b>", note="not for the card")

    assert "<h2>A &amp; B</h2>" in written
    assert "<p>&lt;b&gt;</p>" in written
    assert "not for the card" not in written


def link(path: str, text: str) -> str:
    request = RequestFactory().get(path)
    return Template("{% load look %}" + text).render(RequestContext(request))


def test_a_link_of_the_rail_knows_the_current_page_and_those_below_it() -> None:
    home = '{% navlink "institutions_public:home" label="Home" icon="house" %}'
    only_home = '{% navlink "institutions_public:home" label="Home" icon="house" exact=True %}'

    assert 'aria-current="page"' in link("/", only_home)
    assert 'aria-current="page"' in link("/start/", home)
    assert "aria-current" not in link("/start/", only_home)


def test_a_link_to_a_page_that_this_site_lacks_is_left_out() -> None:
    assert link("/", '{% navlink "nobody:nowhere" label="Odd" icon="house" %}') == ""
