"""Money of all accounts: every movement has two ends, so the world sums to 0.

The house account is the other end: it gives faucet money (and may go negative for it), earns the
fees and pays the rebates. Nobody else can go below zero.
"""

from collections.abc import Iterator

from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.model import HOUSE_ACCOUNT, Balance, State

Wallet = dict[str, Balance]


def wallet_of(state: State, ccy: str) -> Wallet:
    """Everybody's balance of a currency, by account."""
    return state.wallets.setdefault(ccy, {})


def balance_of(wallet: Wallet, uid: str) -> Balance:
    """The account's balance in a wallet, made when first touched."""
    found = wallet.get(uid)
    if found is None:
        found = wallet[uid] = Balance()
    return found


def available(state: State, uid: str, ccy: str) -> int:
    """What the account may still use, in units."""
    found = state.wallets.get(ccy, {}).get(uid)
    return found.available if found else 0


def hold(wallet: Wallet, uid: str, units: int, ccy: str) -> None:
    """Set units aside for an order. Refuses 51008 when they are not there."""
    balance = wallet.get(uid)
    if balance is None or balance.available < units:
        raise Refused("51008", ccy)
    balance.available -= units
    balance.held += units


def release(wallet: Wallet, uid: str, units: int) -> None:
    """Give units that were held back to the account."""
    balance = wallet[uid]
    balance.held -= units
    balance.available += units


def give(wallet: Wallet, giver: str, receiver: str, units: int) -> None:
    """Move available units; only the house may give what it does not have."""
    balance_of(wallet, giver).available -= units
    balance_of(wallet, receiver).available += units


def balances(state: State, uid: str) -> Iterator[tuple[str, Balance]]:
    """The account's balances that are not zero, by currency in the order of the alphabet."""
    for ccy in sorted(state.wallets):
        balance = state.wallets[ccy].get(uid)
        if balance is not None and (balance.available or balance.held):
            yield ccy, balance


def world_sums(state: State) -> dict[str, int]:
    """Available plus held of everyone, by currency; each must be 0."""
    return {
        ccy: sum(balance.available + balance.held for balance in wallet.values())
        for ccy, wallet in state.wallets.items()
    }


def overdrawn(state: State) -> list[tuple[str, str]]:
    """(uid, currency) of every balance below zero outside the house."""
    return [
        (uid, ccy)
        for ccy, wallet in state.wallets.items()
        for uid, balance in wallet.items()
        if balance.held < 0 or (balance.available < 0 and state.accounts[uid].kind != HOUSE_ACCOUNT)
    ]
