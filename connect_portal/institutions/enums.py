"""The states and choices of institutions, and the audit tags of what happens to them."""

from enum import StrEnum

from django.db import models


class BusinessKind(models.TextChoices):
    """Who may join: the six kinds of business of the programme's published rules, section 1."""

    AGGREGATOR = "aggregator", "Trading aggregator platform"
    STRATEGY_PLATFORM = "strategy_platform", "Trading strategy platform"
    STRATEGY_PROVIDER = "strategy_provider", "Technical strategy provider"
    BOT_PLATFORM = "bot_platform", "Trading bot platform"
    ASSET_MANAGEMENT = "asset_management", "Asset management and payment platform"
    SOCIAL_TRADING = "social_trading", "Social trading community"


class Channel(models.TextChoices):
    """How a user's orders reach the venue: the two product types of the published rules."""

    API = "api", "API"
    OAUTH = "oauth", "OAuth"


class CodeState(models.TextChoices):
    """The life of a Connect code; only an active one earns."""

    RESERVED = "reserved", "Reserved"
    SANDBOX = "sandbox", "Sandbox only"
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    RETIRED = "retired", "Retired"


class Tag(StrEnum):
    """What this room writes into the trail."""

    INSTITUTION_OPENED = "institutions:institution:opened"
    CODE_ISSUED = "institutions:code:issued"
