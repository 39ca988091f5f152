"""Money of all accounts: every movement has two ends, so the world sums to 0.

A wallet is one currency of everybody; an account finds itself there by its number. The house is
number 0 and the other end: it gives faucet money (and may go negative for it), earns the fees and
pays the rebates. Nobody else can go below zero.
"""

from collections.abc import Iterator
from typing import NamedTuple

from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.model import State, Wallet

HOUSE_NUMBER = 0


class Balance(NamedTuple):
    """What an account has of a currency, in units, as read at one moment."""

    available: int
    held: int

    @property
    def total(self) -> int:
        """Both together, which is what the account owns."""
        return self.available + self.held


def wallet_of(state: State, ccy: str) -> Wallet:
    """Everybody's balance of a currency; nobody has any of one that is new."""
    found = state.wallets.get(ccy)
    if found is None:
        seats = len(state.accounts)
        found = state.wallets[ccy] = Wallet([0] * seats, [0] * seats)
    return found


def balance_of(state: State, uid: str, ccy: str) -> Balance:
    """What the account has of a currency."""
    wallet, number = state.wallets[ccy], state.accounts[uid].number
    return Balance(wallet.available[number], wallet.held[number])


def available(state: State, uid: str, ccy: str) -> int:
    """What the account may still use, in units."""
    return state.wallets[ccy].available[state.accounts[uid].number]


def hold(wallet: Wallet, number: int, units: int, ccy: str) -> None:
    """Set units aside for an order. Refuses 51008 when they are not there."""
    if wallet.available[number] < units:
        raise Refused("51008", ccy)
    wallet.available[number] -= units
    wallet.held[number] += units


def release(wallet: Wallet, number: int, units: int) -> None:
    """Give units that were held back to the account."""
    wallet.held[number] -= units
    wallet.available[number] += units


def give(wallet: Wallet, giver: int, receiver: int, units: int) -> None:
    """Move available units; only the house may give what it does not have."""
    wallet.available[giver] -= units
    wallet.available[receiver] += units


def balances(state: State, uid: str) -> Iterator[tuple[str, Balance]]:
    """The account's balances that are not zero, by currency in the order of the alphabet."""
    for ccy in sorted(state.wallets):
        balance = balance_of(state, uid, ccy)
        if any(balance):
            yield ccy, balance


def world_sums(state: State) -> dict[str, int]:
    """Available plus held of everyone, by currency; each must be 0."""
    return {ccy: sum(wallet.available) + sum(wallet.held) for ccy, wallet in state.wallets.items()}


def overdrawn(state: State) -> list[tuple[str, str]]:
    """(uid, currency) of every balance below zero, but for what the house has given away."""
    return [
        (uid, ccy)
        for uid, account in state.accounts.items()
        for ccy, wallet in state.wallets.items()
        if wallet.held[account.number] < 0
        or (wallet.available[account.number] < 0 and account.number != HOUSE_NUMBER)
    ]
