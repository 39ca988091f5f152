"""Pages for everybody: products and rates."""

from django.urls import path

from connect_portal.institutions.views import public

app_name = "institutions_public"

urlpatterns = [path("rates/", public.rates, name="rates")]
