"""The desk and the applications, below ``/console/``."""

from django.urls import path

from connect_portal.institutions.views import (
    console,
    console_contracts,
    console_renewals,
    desk,
    editions,
    letters,
    watching,
)

app_name = "institutions_console"

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("desk/take/", desk.take_one, name="take"),
    path("desk/views/", desk.saved_filters, name="saved_filters"),
    path("watch-lists/", watching.watch_lists_page, name="watch_lists"),
    path("watch-lists/<int:list_id>/", watching.watch_list, name="watch_list"),
    path("applications/<int:application_id>/", console.application, name="application"),
    path("applications/<int:application_id>/desk/", desk.assignment, name="assignment"),
    path(
        "applications/<int:application_id>/contract/", console_contracts.contract, name="contract"
    ),
    path("applications/<int:application_id>/renewal/", console_renewals.renewal, name="renewal"),
    path("contracts/<int:paper_id>.pdf", console_contracts.paper, name="paper"),
    path(
        "applications/<int:application_id>/letters/<int:letter_id>/",
        letters.letter,
        name="letter",
    ),
    path("editions/", editions.editions, name="editions"),
    path("editions/<slug:kind>/<slug:name>/", editions.history, name="edition_history"),
    path("editions/<slug:kind>/<slug:name>/new/", editions.propose_edition, name="edition_new"),
    path("editions/<slug:kind>/<slug:name>/<int:number>/", editions.edition, name="edition"),
]
