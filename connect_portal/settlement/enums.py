"""The choices of this room, and the audit tags of what happens in it."""

from enum import StrEnum

from django.db import models


class AccountKind(models.TextChoices):
    """What an account of the ledger counts. Only the first belongs to no institution."""

    EXPENSE = "expense", "The programme's commission expense"
    ACCRUED = "accrued", "Accrued commission"
    PAYABLE = "payable", "Payable"
    CARRY = "carry", "Carried remainders"


class Source(models.TextChoices):
    """What a transfer was made for; with that thing's id it names the transfer."""

    ACCRUAL = "accrual", "Accrual"
    STATEMENT = "statement", "Statement"


class Why(models.TextChoices):
    """Why a fill with the institution's code earned, or why it did not."""

    EARNED = "earned", "Earned"
    NO_FEE = "no_fee", "No fee was charged"
    REBATE = "rebate", "The trader got a rebate"
    NO_RATE = "no_rate", "The contract's level earns nothing"


class Tag(StrEnum):
    """What this room writes into the trail."""

    STATEMENT_CLOSED = "settlement:statement:closed"
    STATEMENT_ISSUED = "settlement:statement:issued"
