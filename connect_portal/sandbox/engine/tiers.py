"""Fee tiers: the better of assets and rolling 30-day volume, looked at once a day (UTC).

The volume is that of the 30 UTC days before today, in USD; trades that paid no fee do not count
(https://www.okx.com/fees, notes on the 30-day volume). OKX does not publish the hour for the US;
midnight is ours. Thresholds and rates: `facts/us_fees.csv`, from OKX's US fee schedule.
"""

from connect_portal import facts
from connect_portal.sandbox.engine import fees, ledger
from connect_portal.sandbox.engine.commands import SetLevel
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.matching import DAY_MS
from connect_portal.sandbox.engine.model import USER_ACCOUNT, Account
from connect_portal.sandbox.engine.units import ONE, to_units
from connect_portal.sandbox.engine.world import World

ALARM = "tiers"
DAYS = 30


def set_level(world: World, command: SetLevel) -> str:
    """Pin the account to a tier, or let it earn its own again. Refuses 51000."""
    account = world.account(command.uid)
    if command.level not in ("", *fees.levels()):
        raise Refused("51000", "level")
    account.pinned = bool(command.level)
    account.level = command.level or earned(world, account)
    return account.level


def start(world: World) -> None:
    """Set the daily timer, unless it runs already."""
    if not any(timer.alarm == ALARM for timer in world.state.timers):
        world.set_timer(world.now - world.now % DAY_MS + DAY_MS, ALARM, "")


def recalculate(world: World, key: str) -> None:
    """Give every user account the tier it has earned; forget days that no longer count."""
    oldest = world.now // DAY_MS - DAYS
    for account in world.state.accounts.values():
        if account.kind != USER_ACCOUNT:
            continue
        for day in [day for day in account.volumes if day < oldest]:
            del account.volumes[day]
        if not account.pinned and (level := earned(world, account)) != account.level:
            account.level = level
    start(world)


def earned(world: World, account: Account) -> str:
    """The highest tier whose assets or 30-day volume, both in USD, the account reaches."""
    today = world.now // DAY_MS
    counted = range(today - DAYS, today)
    volume = sum(units for day, units in account.volumes.items() if day in counted)
    assets = sum(
        balance.total * world.usd_price(ccy) // ONE
        for ccy, balance in ledger.balances(world.state, account.uid)
    )
    reached = fees.REGULAR
    for (tier, _), row in facts.us_fee_table().items():
        if assets >= to_units(row.assets) or volume >= to_units(row.volume_30d):
            reached = tier
    return reached
