"""Pages for everybody: the front door, products and rates, documents, questions."""

from django.urls import path

from connect_portal.institutions.views import public

app_name = "institutions_public"

urlpatterns = [
    path("", public.home, name="home"),
    path("rates/", public.rates, name="rates"),
    path("docs/", public.docs, name="docs"),
    path("terms/", public.terms, name="terms"),
    path("questions/", public.questions, name="questions"),
]
