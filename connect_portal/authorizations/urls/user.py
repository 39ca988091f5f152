"""An end user's connections and account, below ``/user/``."""

from django.urls import path

from connect_portal.authorizations.views.user import (
    account,
    bindings,
    connections,
    grants,
    keys,
    orders,
)
from connect_portal.venue.types import Environment

app_name = "authorizations_user"

urlpatterns = [
    path("", connections.connections, name="connections"),
    path("bind/", bindings.bind, name="bind"),
    path("bind/institutions/", bindings.institutions, name="bind_institutions"),
    path("bindings/<int:binding_id>/end/", bindings.end, name="end"),
    path("grants/<int:grant_id>/", grants.show, name="grant"),
    path("grants/<int:grant_id>/limits/", grants.limits, name="limits"),
    path("grants/<int:grant_id>/receipt/", grants.receipt, name="receipt"),
    path("grants/<int:grant_id>/end/", grants.end, name="end_grant"),
    path("account/", account.enter, {"environment": Environment.LIVE}, name="account"),
    path("account/demo/", account.enter, {"environment": Environment.DEMO}, name="demo_account"),
    path("account/<int:account_id>/", account.show, name="account_page"),
    path("account/<int:account_id>/prices/", account.prices, name="prices"),
    path("account/<int:account_id>/holdings/", account.holdings, name="holdings"),
    path("account/<int:account_id>/order/", orders.place, name="place_order"),
    path("account/<int:account_id>/cancel/", orders.cancel, name="cancel_order"),
    path("account/<int:account_id>/money/", orders.give, name="give_money"),
    path("account/<int:account_id>/keys/", keys.keys, name="keys"),
    path("account/<int:account_id>/keys/<str:api_key>/delete/", keys.delete, name="delete_key"),
]
