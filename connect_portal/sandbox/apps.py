"""The sandbox as an installed app, for its command alone: it has no tables."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "connect_portal.sandbox"
    label = "sandbox"
