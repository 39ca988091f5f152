"""Django's admin as a window: every table of every room can be read there, and nothing changed.

For the day on which no page shows what somebody has to know. Root `urls.py` mounts it behind the
administrators' door. A column is shown unless it holds bytes or sealed values, its name speaks of
a secret, or its model names it in ``never_shown``.
"""

import re
from typing import Any, Final

from django.apps import apps
from django.contrib.admin import AdminSite, ModelAdmin, ShowFacets
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver
from django.utils.functional import cached_property

from connect_portal.kit import sealed

SITE: Final = "admin_console"
COUNTED: Final = 10_000
"""How many rows a list counts: a table may have many millions."""
_SECRET: Final = re.compile(
    "password|secret|token$|checksum|challenge|fingerprint|session_key"
    "|device_code|user_code|^key$|^query$"
)
_WITHOUT: Final = frozenset({"login", "logout", "password_change", "password_change_done"})
_COLUMNS: Final = 9


def shown_fields(model: type[models.Model]) -> list["models.Field[Any, Any]"]:
    """The columns of a table that may be looked at."""
    hidden = {*getattr(model, "never_shown", ()), *sealed.columns_of(model)}
    return [
        column
        for column in model._meta.concrete_fields
        if column.name not in hidden
        and not isinstance(column, models.BinaryField)
        and not _SECRET.search(column.name)
    ]


class FewCounted(Paginator):
    """Pages of the first rows only, so that no list counts a whole table."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, `COUNTED` at most."""
        rows: Any = self.object_list
        return int(rows[:COUNTED].count())


class Window(ModelAdmin):
    """One table, to be read: a list with references as numbers, so that no row asks for another,
    found by number, narrowed by choices; and one page for a row."""

    actions = None
    paginator = FewCounted
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    search_fields = ("pk",)
    ordering = ("-pk",)

    def __init__(self, model: type[models.Model], site: AdminSite) -> None:
        super().__init__(model, site)
        columns = shown_fields(model)
        self.shown = tuple(column.name for column in columns)
        self.listed = tuple(one.attname for one in columns if not _is_long(one))[:_COLUMNS]
        self.choices = tuple(column.name for column in columns if _is_choice(column))

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> tuple[str, ...]:
        """Everything that may be looked at."""
        return self.shown

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """The first short columns."""
        return self.listed

    def get_list_filter(self, request: HttpRequest) -> tuple[str, ...]:
        """What is one of a few."""
        return self.choices

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """The site lets administrators in only."""
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The site lets administrators in only."""
        return True

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """By what is shown only: a hidden column is not to be guessed at letter by letter."""
        return lookup.removesuffix("__exact") in self.shown

    def get_search_results(
        self, request: HttpRequest, queryset: "models.QuerySet[Any]", search_term: str
    ) -> tuple["models.QuerySet[Any]", bool]:
        """The row with that number."""
        if not search_term:
            return queryset, False
        try:
            return queryset.filter(pk=search_term), False
        except (ValueError, ValidationError):
            return queryset.none(), False


class Windows(AdminSite):
    """Every table; without pages of its own to sign in or to change a password."""

    site_header = site_title = "Tables"
    index_title = "Every table, to be read"
    site_url = "/console/staff/"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's, save those that would lead around our own ways to sign in."""
        return [url for url in super().get_urls() if getattr(url, "name", "") not in _WITHOUT]

    def has_permission(self, request: HttpRequest) -> bool:
        """Administrators only; the door has asked already."""
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


def windows() -> tuple[list[URLPattern | URLResolver], str]:
    """The addresses of the site with a window for every table, sessions aside: the number of
    a session is the session."""
    site = Windows(SITE)
    site.register([model for model in apps.get_models() if model is not Session], Window)
    return site.urls[0], "admin"


def _is_long(column: "models.Field[Any, Any]") -> bool:
    return isinstance(column, models.TextField | models.JSONField)


def _is_choice(column: "models.Field[Any, Any]") -> bool:
    return bool(column.choices) or isinstance(column, models.BooleanField)
