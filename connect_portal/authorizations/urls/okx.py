"""Where an institution that speaks OKX's dialect sends its user, below ``/account/``."""

from django.urls import path

from connect_portal.authorizations.views import okx

app_name = "authorizations_okx_user"

urlpatterns = [path("oauth", okx.authorize, name="authorize")]
