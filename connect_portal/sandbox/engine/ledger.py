"""Money of all accounts: hold, release, settle. Every movement has two ends: the world sums to 0.

The house account is the other end: it gives faucet money (and may go negative for it) and earns
the fees. Nobody else can go below zero.
"""

from collections.abc import Iterable

from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.model import HOUSE_ACCOUNT, Account, Balance


def balance_of(account: Account, ccy: str) -> Balance:
    """The account's balance of a currency, made when first touched."""
    found = account.balances.get(ccy)
    if found is None:
        found = account.balances[ccy] = Balance()
    return found


def available(account: Account, ccy: str) -> int:
    """What the account may still use, in units."""
    found = account.balances.get(ccy)
    return found.available if found else 0


def hold(account: Account, ccy: str, units: int) -> None:
    """Set units aside for an order. Refuses 51008 when they are not there."""
    if available(account, ccy) < units:
        raise Refused("51008", ccy)
    balance = balance_of(account, ccy)
    balance.available -= units
    balance.held += units


def release(account: Account, ccy: str, units: int) -> None:
    """Give units that were held back to the account."""
    balance = balance_of(account, ccy)
    balance.held -= units
    balance.available += units


def pay_held(payer: Account, receiver: Account, ccy: str, units: int) -> None:
    """Move held units of the payer to the receiver's available ones."""
    balance_of(payer, ccy).held -= units
    balance_of(receiver, ccy).available += units


def give(giver: Account, receiver: Account, ccy: str, units: int) -> None:
    """Move available units; only the house may give what it does not have."""
    balance_of(giver, ccy).available -= units
    balance_of(receiver, ccy).available += units


def world_sums(accounts: Iterable[Account]) -> dict[str, int]:
    """Available plus held of everyone, by currency; each must be 0."""
    sums: dict[str, int] = {}
    for account in accounts:
        for ccy, balance in account.balances.items():
            sums[ccy] = sums.get(ccy, 0) + balance.available + balance.held
    return sums


def overdrawn(accounts: Iterable[Account]) -> list[tuple[str, str]]:
    """(uid, currency) of every balance below zero outside the house."""
    return [
        (account.uid, ccy)
        for account in accounts
        for ccy, balance in account.balances.items()
        if balance.held < 0 or (balance.available < 0 and account.kind != HOUSE_ACCOUNT)
    ]
