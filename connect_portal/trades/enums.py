"""The choices of orders, fills and attributions."""

from django.db import models


class Side(models.TextChoices):
    """Which side the end user was on."""

    BUY = "buy", "Buy"
    SELL = "sell", "Sell"


class Liquidity(models.TextChoices):
    """Whether the end user's order rested in the book or took from it."""

    MAKER = "maker", "Maker"
    TAKER = "taker", "Taker"


class OrderState(models.TextChoices):
    """The venue's word for how far an order has come."""

    LIVE = "live", "Open"
    PARTIALLY_FILLED = "partially_filled", "Partly filled"
    FILLED = "filled", "Filled"
    CANCELED = "canceled", "Canceled"
    MMP_CANCELED = "mmp_canceled", "Canceled by market-maker protection"


OPEN_STATES = (OrderState.LIVE, OrderState.PARTIALLY_FILLED)


class Reason(models.TextChoices):
    """Why a fill counts for an institution, or why it does not."""

    OWN_CODE = "own_code", "Your code"
    NO_TAG = "no_tag", "No tag"
    FOREIGN_TAG = "foreign_tag", "Foreign tag"
    CODE_PAUSED = "code_paused", "Code suspended or retired"
    SDK_TAG = "sdk_tag", "Client library's own tag"
    MALFORMED_TAG = "malformed_tag", "Not a Connect code"
