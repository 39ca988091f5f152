"""Verbs on strategy orders: place and cancel."""

from connect_portal.sandbox.engine.algo import Algo, Stops, Terms
from connect_portal.sandbox.engine.commands import CancelAlgo, PlaceAlgo
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.matching import BY_USER
from connect_portal.sandbox.engine.model import Account
from connect_portal.sandbox.engine.orders import MODES
from connect_portal.sandbox.engine.strategies import stops
from connect_portal.sandbox.engine.strategies.asking import BY_QUOTE, last_px, size_of
from connect_portal.sandbox.engine.strategies.children import end, withdraw_all
from connect_portal.sandbox.engine.strategies.kinds import BEGIN, DRAFTS
from connect_portal.sandbox.engine.strategies.limits import PLANS, STOPS, refuse_full
from connect_portal.sandbox.engine.units import Instrument
from connect_portal.sandbox.engine.world import World

HEDGE_MODE = "long_short_mode"
MAY_COUNT_QUOTE = STOPS | PLANS


def place_algo(world: World, command: PlaceAlgo) -> Algo:
    """Start waiting. Refuses 51065 (own id in use), 51260-51263 and 51299 (too many), 51000.

    Each kind refuses its own codes of sizes and prices besides.
    """
    account, pair = world.account(command.uid), world.instrument(command.inst)
    _refuse_unfit(account, pair, command)
    refuse_full(world, account, pair.inst_id, command.kind)
    terms = DRAFTS[command.kind](world, pair, command)
    algo = drafted(world, pair, command, terms)
    if isinstance(terms, Stops):
        algo.tgt = stops.unit_of_size(command, terms)
    algo.lots = size_of(command.sz, algo.tgt, pair)
    if isinstance(terms, Stops):
        stops.refuse_wrong_side(algo.side, algo.last, terms)
        stops.refuse_large(pair, algo.last, algo.lots, terms)
    start(world, algo)
    return algo


def cancel_algo(world: World, command: CancelAlgo) -> Algo:
    """Stop it and take back its open orders. Refuses 51400 (unknown) and 51416 (has triggered)."""
    algo = find(world, command.uid, command.inst, command.algo_id, command.cl)
    if algo is None:
        raise Refused("51400")
    if algo.ended:
        raise Refused("51416")
    withdraw_all(world, algo, BY_USER)
    end(world, algo, "canceled")
    return algo


def find(world: World, uid: str, inst: str, algo_id: int, cl: str) -> Algo | None:
    """The account's strategy order by the venue's id (which wins) or by the caller's own."""
    account = world.account(uid)
    world.instrument(inst)
    algo = world.state.algos.get(algo_id or account.algo_of_cl.get(cl, 0))
    return algo if algo and algo.uid == uid and algo.inst == inst else None


def drafted(world: World, pair: Instrument, command: PlaceAlgo, terms: Terms) -> Algo:
    """The strategy order that a request asks for, without a size yet."""
    return Algo(
        algo_id=0,
        uid=command.uid,
        inst=pair.inst_id,
        kind=command.kind,
        side=command.side,
        sz=command.sz,
        terms=terms,
        mode=command.mode or "cash",
        tgt=command.tgt,
        cl=command.cl,
        alias=command.alias,
        tag=command.tag,
        pos_side=command.pos_side,
        quote_ccy=command.quote_ccy,
        last=last_px(world, pair),
        created=world.now,
    )


def start(world: World, algo: Algo) -> None:
    """Let it live: it hears of prices from now on, of the last one at once."""
    algo.algo_id = world.next_id()
    account = world.state.accounts[algo.uid]
    world.state.algos[algo.algo_id] = algo
    account.open_algos.setdefault(algo.inst, {})[algo.algo_id] = None
    if algo.cl:
        account.algo_of_cl[algo.cl] = algo.algo_id
    world.watches[algo.inst].add(algo)
    world.note_algo(algo)
    if algo.last:
        world.prints.append((algo.inst, algo.last))
    if begin := BEGIN.get(type(algo.terms)):
        begin(world, algo, algo.terms)


def _refuse_unfit(account: Account, pair: Instrument, command: PlaceAlgo) -> None:
    if command.mode not in MODES:
        raise Refused("51000", "tdMode")
    if command.quote_ccy and command.quote_ccy not in pair.quote_ccys:
        raise Refused("51000", "tradeQuoteCcy")
    if command.cl and command.cl in account.algo_of_cl:
        raise Refused("51065")
    if command.tgt == BY_QUOTE and command.kind not in MAY_COUNT_QUOTE:
        raise Refused("51000", "tgtCcy")
    hedged = account.position_mode == HEDGE_MODE and command.kind in STOPS
    if command.pos_side not in ("", "net") and not hedged:
        raise Refused("51000", "posSide")
