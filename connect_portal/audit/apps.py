"""Registers the audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "connect_portal.audit"
    verbose_name = "Audit trail"
