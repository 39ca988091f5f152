"""The rail's link to the desk, with the number of what waits for whoever looks at it."""

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.utils.safestring import SafeString

from connect_portal.institutions.desk import MOST_WAITING, waiting_for
from connect_portal.kit.templatetags.look import navlink
from connect_portal.people.rules import person_of, works_for_exchange

register = template.Library()


@register.simple_tag(takes_context=True)
def desk_link(context: Context) -> SafeString:
    """The link to the desk: one counted index read on every page of the console."""
    request = context.get("request")
    waiting = 0
    if isinstance(request, HttpRequest) and works_for_exchange(request.user):
        waiting = waiting_for(person_of(request))
    count = f"{MOST_WAITING - 1}+" if waiting >= MOST_WAITING else waiting or None
    return navlink(
        context, "institutions_console:desk", label="Desk", icon="inbox", count=count, exact=True
    )
