"""How values and elements are written in a page; every template may ``{% load look %}``.

Small things that stand in table rows are tags (`amount`, `when`, `pill`, `icon`): they cost no
template lookup. What wraps other markup is framed::

    {% frame "card" title="Fills" %}…{% endframe %}

What stands alone is included::

    {% include "elements/tile.html" with label="Fills" value=fills only %}

Each file in ``templates/elements/`` says at its top what it takes.
"""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from decimal import Context as Precision
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.http import HttpRequest
from django.template.context import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from connect_portal.kit import money
from connect_portal.kit.doors import opens

register = template.Library()

TONE_ICONS = {
    "neutral": "minus",
    "info": "info",
    "good": "circle-check",
    "warn": "triangle-alert",
    "bad": "octagon-x",
}
WHEN_FORMATS = {
    "day": "%Y-%m-%d",
    "minute": "%Y-%m-%d %H:%M",
    "second": "%Y-%m-%d %H:%M:%S",
}
# Rounding must not fail on the longest amount that is stored, whatever the ambient precision is.
WIDE = Precision(prec=2 * money.AMOUNT["max_digits"])
NOTHING = mark_safe(
    '<span class="none"><span aria-hidden="true">—</span>'
    '<span class="visually-hidden">none</span></span>'
)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """The icon ``name`` of the sprite; decoration for the eye unless it has a ``label``."""
    address = f"{static('vendor/lucide/icons.svg')}#{name}"
    if label:
        heard = format_html('role="img" aria-label="{}"', label)
    else:
        heard = SafeString('aria-hidden="true"')
    return format_html('<svg class="icon" {}><use href="{}"></use></svg>', heard, address)


@register.simple_tag
def pill(text: str, tone: str = "neutral") -> SafeString:
    """A state in a word; the tone adds an icon and a colour, never the meaning.

    Raises:
        KeyError: ``tone`` is none of neutral, info, good, warn, bad.
    """
    return format_html('<span class="pill tone-{}">{}{}</span>', tone, icon(TONE_ICONS[tone]), text)


@register.simple_tag
def amount(
    value: Decimal | int | str | None, unit: str = "", places: int | None = None
) -> SafeString:
    """An exact amount with thousands separators, and its unit.

    ``places`` fixes the fraction digits shown (half-even); the element keeps the exact value.
    Without it every digit is shown, save trailing zeros. Nothing is shown as a dash.

    Raises:
        TypeError: ``value`` is a float, which is never an amount.
    """
    if value is None or value == "":
        return NOTHING
    if isinstance(value, float):
        raise TypeError(f"an amount is never a float: {value!r}")
    exact = Decimal(value)
    return format_html(
        '<span class="amount"><data value="{}">{}</data>{}</span>',
        money.plain(exact),
        grouped(exact, places),
        format_html(' <span class="unit">{}</span>', unit) if unit else "",
    )


@register.filter
def grouped(value: Decimal, places: int | None = None) -> str:
    """``value`` with a comma between thousands: ``-1234.50`` becomes ``-1,234.5``."""
    if places is not None:
        shown = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, WIDE)
        return format(abs(shown) if shown.is_zero() else shown, ",f")
    whole, dot, fraction = money.plain(value).partition(".")
    return format(Decimal(whole), ",f") + dot + fraction


@register.simple_tag
def when(moment: datetime | None, precision: str = "second") -> SafeString:
    """A moment in UTC with the zone said; ``precision`` is day, minute, second or ms.

    Raises:
        ValueError: ``moment`` carries no zone, so nobody can say when it was.
        KeyError: the precision is unknown.
    """
    if moment is None:
        return NOTHING
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a zone: {moment!r}")
    at = moment.astimezone(UTC)
    return format_html(
        '<time class="when" datetime="{}">{} <span class="zone">UTC</span></time>',
        at.isoformat().replace("+00:00", "Z"),
        written(at, precision),
    )


def written(at: datetime, precision: str) -> str:
    """``at`` in figures, to the given precision."""
    if precision == "ms":
        return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}"
    return at.strftime(WHEN_FORMATS[precision])


@register.simple_tag(takes_context=True)
def navlink(
    context: Context,
    name: str,
    *,
    label: str,
    icon: str,
    count: int | str | None = None,
    exact: bool = False,
    **address: object,
) -> SafeString:
    """A link of the rail or a menu to the page ``name``; it knows when it is the current one.

    A page below the link's own counts as current too unless ``exact``. Where no page has that name,
    or not for this ``address``, or its door is shut to whoever asks, there is no link: the rail
    offers what this installation has, to those who may see it.
    """
    request = context.get("request")
    try:
        path = reverse(name, kwargs=address)
    except NoReverseMatch:
        return SafeString("")
    if request is not None and not opens(request, name, **address):
        return SafeString("")
    return format_html(
        '<a href="{}"{}>{}<span>{}</span>{}</a>',
        path,
        SafeString(' aria-current="page"') if _is_current(request, path, exact) else "",
        _icon(icon),
        label,
        "" if count is None else format_html('<span class="count">{}</span>', count),
    )


def _is_current(request: HttpRequest | None, path: str, exact: bool) -> bool:
    if request is None:
        return False
    return request.path == path if exact else request.path.startswith(path)


_icon = icon


@register.simple_block_tag(takes_context=True)
def frame(context: Context, content: SafeString, name: str, **values: Any) -> SafeString:
    """The element ``templates/elements/<name>.html`` around the markup up to ``{% endframe %}``.

    The element sees ``content``, the ``values`` given here and the form token, nothing else.
    """
    assert context.template is not None  # a tag renders inside a template
    element = context.template.engine.get_template(f"elements/{name}.html")
    inner = context.new({"content": content, **values})
    inner["csrf_token"] = context.get("csrf_token")
    return element.render(inner)


@register.filter
def refused_fields(form: BaseForm) -> list[BoundField]:
    """The fields that people see of a form, and that it refused."""
    return [field for field in form.visible_fields() if field.errors]


@register.filter
def tone(message_tags: str) -> str:
    """The tone of a message of ``django.contrib.messages``, from its tags."""
    known = {"success": "good", "warning": "warn", "error": "bad", "info": "info"}
    return next((known[tag] for tag in message_tags.split() if tag in known), "neutral")


@register.filter
def tone_icon(tone: str) -> str:
    """The icon that goes with a tone."""
    return TONE_ICONS[tone]
