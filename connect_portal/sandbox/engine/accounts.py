"""Verbs on accounts: open, faucet, keys, position mode."""

from connect_portal.sandbox.engine import ledger, tiers
from connect_portal.sandbox.engine.commands import (
    AddKey,
    DropKey,
    Faucet,
    OpenAccount,
    SetPositionMode,
)
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.events import Billed, KeyDropped
from connect_portal.sandbox.engine.model import MAKER_ACCOUNT, Account, Bill, Key
from connect_portal.sandbox.engine.units import ONE, parse, plain
from connect_portal.sandbox.engine.world import World

FAUCET_LIMIT = 10**12 * ONE
TRANSFER, TRANSFER_IN = "1", "11"


def open_account(world: World, command: OpenAccount) -> Account:
    """Open the account of a reference, or find it again."""
    uid = world.state.uid_of_reference.get(command.reference)
    if uid is None:
        uid = str(world.next_id())
        world.state.uid_of_reference[command.reference] = uid
        world.open_account(uid, command.label, command.reference, command.kind, command.region)
        tiers.start(world)
    return world.state.accounts[uid]


def faucet(world: World, command: Faucet) -> str:
    """Give test money once per reference. Refuses 51012 (currency) and 51000 (amount)."""
    account = world.account(command.uid)
    if command.ccy not in world.currencies:
        raise Refused("51012")
    units = parse(command.amt)
    if not units or units > FAUCET_LIMIT:
        raise Refused("51000", "amt")
    if command.reference not in account.faucets:
        account.faucets[command.reference] = command.amt
        wallet = ledger.wallet_of(world.state, command.ccy)
        ledger.give(wallet, ledger.HOUSE_NUMBER, account.number, units)
        if account.kind != MAKER_ACCOUNT:
            _bill_transfer(world, account, command.ccy, units)
        world.note_balance(account)
    return plain(ledger.balance_of(world.state, account.uid, command.ccy).total)


def _bill_transfer(world: World, account: Account, ccy: str, units: int) -> None:
    bill = Bill(
        bill_id=world.next_id(),
        uid=account.uid,
        ccy=ccy,
        change=units,
        balance=ledger.balance_of(world.state, account.uid, ccy).total,
        kind=TRANSFER,
        sub=TRANSFER_IN,
        ts=world.now,
    )
    world.outcome.events.append(Billed(bill))


def add_key(world: World, command: AddKey) -> Key:
    """Add a key to an account. Refuses 50071 when the key exists."""
    world.account(command.uid)
    if command.api_key in world.state.keys:
        raise Refused("50071", "apiKey")
    key = Key(
        api_key=command.api_key,
        uid=command.uid,
        secret=command.secret,
        passphrase_hash=command.passphrase_hash,
        perm=command.perm,
        ip=command.ip,
        label=command.label,
        created=world.now,
    )
    world.state.keys[key.api_key] = key
    return key


def drop_key(world: World, command: DropKey) -> bool:
    """Delete a key of the account; a key that is gone already is no error."""
    world.account(command.uid)
    key = world.state.keys.get(command.api_key)
    if key is not None and key.uid == command.uid:
        del world.state.keys[command.api_key]
        world.outcome.events.append(KeyDropped(command.api_key))
    return True


def set_position_mode(world: World, command: SetPositionMode) -> str:
    """Store the position mode; a spot account only echoes it."""
    world.account(command.uid).position_mode = command.mode
    return command.mode
