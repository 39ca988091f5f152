"""The files of applications, below ``/documents/``: for whoever has signed in and may see one."""

from django.urls import path

from connect_portal.institutions.views.user import documents

app_name = "institutions_documents_user"

urlpatterns = [path("<int:document_id>/", documents.document, name="document")]
