"""What an end user sees of trades, below ``/user/``."""

from django.urls import path

from connect_portal.trades.views import user

app_name = "trades_user"

urlpatterns = [
    path("grants/<int:grant_id>/fills/", user.of_grant, name="fills"),
    path("bindings/<int:binding_id>/fills/", user.of_binding, name="binding_fills"),
]
