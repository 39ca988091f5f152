"""Applying to join, below ``/apply/``: for anybody who has signed in."""

from django.urls import path

from connect_portal.institutions.views.user import documents, form, joining, people

app_name = "institutions_user"

urlpatterns = [
    path("", joining.apply, name="apply"),
    path("status/", joining.status, name="status"),
    path("<int:application_id>/", joining.change, name="change"),
    path("<int:application_id>/withdraw/", joining.withdraw, name="withdraw"),
    *(
        path(f"<int:application_id>/{name}/", form.section, {"name": name}, name=name)
        for name in ("business", "company", "contacts")
    ),
    path("<int:application_id>/people/", people.people, name="people"),
    path("<int:application_id>/documents/", documents.documents, name="documents"),
    path("<int:application_id>/technical/", documents.technical, name="technical"),
    path("<int:application_id>/review/", form.review, name="review"),
    path("<int:application_id>/requests/<int:request_id>/", form.reply, name="reply"),
]
