"""Raw tables for superusers; everybody else uses pages."""

from django.contrib import admin

from connect_portal.people.models import Membership, Person


class MembershipInline(admin.TabularInline):
    """A person's places."""

    model = Membership
    extra = 0


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    """Look up a person. Passwords are changed by letter, never here."""

    list_display = ["email", "name", "staff_role", "is_active", "is_demo", "joined_at"]
    list_filter = ["staff_role", "is_active", "is_demo"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "staff_role", "is_active", "is_staff", "is_superuser"]
    inlines = [MembershipInline]
