"""The rules of test trading: what was seen goes in, how a check stands comes out. Every other way
than the right one is one that a client has nearly taken for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from connect_portal.certification.enums import CheckState, Trial
from connect_portal.certification.rules import access, checks_for, is_green, judge_all, tags, trials
from connect_portal.certification.rules.seen import Facts, Item, Seen, Verdict, passes
from connect_portal.institutions.enums import Channel

CODE = "ACMEcode1"
BEGAN = datetime(2026, 11, 26, 10, tzinfo=UTC)
PLACE, BATCH = "/api/v5/trade/order", "/api/v5/trade/batch-orders"
WISH = "BTC-USDT buy limit 0.001 1000"
CHANNELS = pytest.mark.parametrize("channel", [Channel.API, Channel.OAUTH])


def item(name: str = "a1", **changes: str) -> Item:
    """One order of Acme's that was accepted."""
    rightly = {"order_id": f"7{name}", "tag": CODE, "echo": CODE, "intent": WISH, "code": "0"}
    return Item(client_id=name, **(rightly | changes))


def order(name: str = "a1", *, at: float = 0, **changes: str) -> Seen:
    """A request that places one."""
    one = item(name, **changes)
    return asked(PLACE, one, code=one.code, at=at)


def batch(*items: Item, at: float = 0) -> Seen:
    """A request that places several."""
    return asked(BATCH, *items, at=at)


def asked(
    path: str, *items: Item, method: str = "POST", code: str = "0", at: float = 0, **more: Any
) -> Seen:
    """A request, ``at`` seconds after the run began."""
    when = BEGAN + timedelta(seconds=at)
    return Seen(0, when, method, path, code, items=items, **more)


def looked_up(name: str = "a1", *, at: float = 0, code: str = "0") -> Seen:
    """A request that asks for an order by its id."""
    return asked(PLACE, method="GET", client_id=name, code=code, at=at)


def seen(
    *rows: Seen,
    channel: Channel = Channel.API,
    begun: dict[Trial, int] | None = None,
    until: float = 600,
    refreshed: int = 0,
) -> Facts:
    """What is known after these requests; ``begun`` says after how many a trial began."""
    numbers = count(1)
    numbered = [replace(row, source=next(numbers)) for row in rows]
    now, quiet = BEGAN + timedelta(seconds=until), timedelta(seconds=60)
    return Facts(CODE, channel, numbered, now, quiet, begun or {}, refreshed)


def says(verdict: Verdict, state: str, *words: str) -> bool:
    """Whether a verdict is of that state and says these words."""
    told = f"{verdict.seen} {verdict.change}"
    assert verdict.state == state, told
    assert not [word for word in words if word not in told], told
    assert bool(verdict.change) == (state == "missed"), "who misses is told what to change"
    return True


# --- nothing, and everything --------------------------------------------------------------------


@CHANNELS
def test_every_check_waits_for_a_client_that_has_done_nothing(channel: Channel) -> None:
    verdicts = judge_all(seen(channel=channel))
    assert {one.state for one in verdicts.values()} == {CheckState.WAITING}
    assert not is_green(channel, verdicts)


@CHANNELS
def test_a_run_is_green_when_all_that_is_needed_has_passed_and_not_before(
    channel: Channel,
) -> None:
    green = {check.key: passes("Seen.") for check in checks_for(channel) if check.needed}
    waiting = {check.key: Verdict() for check in checks_for(channel) if not check.needed}
    assert is_green(channel, green | waiting)
    for key in green:
        assert not is_green(channel, green | waiting | {key: Verdict()})
    assert is_green(channel, green | waiting | {"farewell": Verdict()}, but=Trial.FAREWELL)
    assert not is_green(channel, green | waiting | {"order": Verdict()}, but=Trial.FAREWELL)


# --- who calls ----------------------------------------------------------------------------------


def test_the_last_request_has_to_hold() -> None:
    good = asked("/api/v5/account/balance", method="GET")
    bad = replace(good, held=False, code="50113")
    assert says(access.caller(seen(bad, good)), "passed", "GET /api/v5/account/balance")
    assert says(access.caller(seen(good, bad)), "missed", "50113", "HMAC-SHA256")
    unheard = replace(bad, code="50199")
    assert says(access.caller(seen(unheard)), "missed", "integration guide")


def test_a_socket_that_logs_in_is_no_signed_request_and_the_other_way_round() -> None:
    login = asked("/ws/v5/private/login", method="WS")
    assert access.caller(seen(login)).state == "waiting"
    assert says(access.socket_login(seen(login)), "passed")
    assert access.socket_login(seen(order())).state == "waiting"


@pytest.mark.parametrize(
    ("channel", "how"), [(Channel.API, "users/self/verify"), (Channel.OAUTH, "access token")]
)
def test_a_refused_login_is_told_how_it_is_done_on_its_channel(channel: Channel, how: str) -> None:
    login = asked("/ws/v5/private/login", method="WS", code="60007")
    assert says(access.socket_login(seen(login, channel=channel)), "missed", "60007", how)


def test_a_refresh_and_a_strange_address_count_once_they_were_seen() -> None:
    assert access.refreshed(seen(order())).state == "waiting"
    assert says(access.refreshed(seen(refreshed=2)), "passed", "2 times")
    away = asked("/api/v5/account/balance", method="GET", code="53014", held=False)
    assert access.address(seen(order())).state == "waiting"
    assert says(access.address(seen(away)), "passed", "53014")


# --- client order ids ---------------------------------------------------------------------------


def test_two_orders_with_ids_of_their_own_pass_and_one_alone_does_not_yet() -> None:
    assert says(access.client_ids(seen(order())), "waiting", "one more")
    assert says(access.client_ids(seen(order(), order("a2"))), "passed", "2 orders")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "had no client order id"),
        ("a-3", "outside the rules"),
        ("ä3", "outside the rules"),
        ("a" * 33, "outside the rules"),
        ("a3\n", "outside the rules"),
    ],
)
def test_an_id_outside_the_grammar_is_missed_also_beside_a_good_one(name: str, words: str) -> None:
    good = (order(), order("a2"))
    assert says(access.client_ids(seen(*good, order(name))), "missed", words)
    mixed = batch(item(name), item("a4"))
    assert says(access.client_ids(seen(*good, mixed)), "missed", words)
    assert says(access.client_ids(seen(*good, mixed, order("a5"))), "passed")


def test_an_id_for_another_order_is_missed_and_the_same_order_once_more_is_not() -> None:
    once = (order(), order("a2"))
    other = order("a1", intent="another")
    assert says(access.client_ids(seen(*once, other)), "missed", "came again")
    refused = order("a1", intent="another", code="51016")
    assert says(access.client_ids(seen(*once, refused)), "missed", "came again")
    assert says(access.client_ids(seen(*once, order("a1", code="51016"))), "passed")
    twins = batch(item("a3"), item("a3", code="51016"))
    assert says(access.client_ids(seen(*once, twins)), "missed", "came again")


# --- the tag ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("", "clientOrderId"),
        ("acmeCODE1", "Upper and lower case"),
        ("OTHER", "only your own code"),
        ("6b9ad766b55dBCDE", "brokerId"),
        ("159881cb7207BCDE", "cannot carry your code"),
    ],
)
def test_another_tag_is_missed_with_what_probably_happened_to_it(tag: str, words: str) -> None:
    wrong = order(tag=tag, echo=tag)
    assert says(tags.order_tag(seen(wrong)), "missed", words)
    assert says(tags.order_tag(seen(order(), wrong)), "missed", words)
    assert says(tags.order_tag(seen(wrong, order("a2"))), "passed", CODE)


def test_a_right_tag_counts_once_an_order_with_it_was_accepted() -> None:
    refused = order(code="51008", echo=CODE)
    assert says(tags.order_tag(seen(refused)), "waiting", "51008")
    assert says(tags.order_tag(seen(order(), refused)), "passed")
    assert tags.order_tag(seen(order(echo=""))).state == "waiting"
    assert tags.order_tag(seen(batch(item(), item("a2")))).state == "waiting"
    assert tags.order_tag(seen(order(tag="", echo=CODE))).state == "missed"


def test_over_oauth_an_empty_tag_is_filled_and_a_wrong_one_is_still_wrong() -> None:
    filled, wrong = order(tag="", echo=CODE), order(tag="OTHER", echo="")
    assert says(tags.order_tag(seen(filled, channel=Channel.OAUTH)), "passed")
    assert says(tags.order_tag(seen(wrong, channel=Channel.OAUTH)), "missed", "only your own")


def test_a_batch_has_the_tag_on_every_order_of_at_least_two() -> None:
    assert tags.batch_tag(seen(batch(item()))).state == "waiting"
    half = batch(item(), item("a2", tag="", echo=""))
    assert says(tags.batch_tag(seen(half)), "missed", "1 of the 2 orders")
    refused = batch(item(), item("a2", code="51008", echo=CODE))
    assert tags.batch_tag(seen(refused)).state == "waiting"
    assert says(tags.batch_tag(seen(half, batch(item("a3"), item("a4")))), "passed")


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/api/v5/trade/amend-order", tags.amended),
        ("/api/v5/trade/amend-batch-orders", tags.amended),
        ("/ws/v5/private/batch-amend-orders", tags.amended),
        ("/api/v5/trade/cancel-order", tags.canceled),
        ("/api/v5/trade/cancel-batch-orders", tags.canceled),
        ("/ws/v5/private/cancel-order", tags.canceled),
    ],
)
def test_what_is_followed_up_was_placed_with_the_code(
    path: str, rule: Callable[[Facts], Verdict]
) -> None:
    tagged, bare = order(), order("b1", tag="", echo="")
    by_id = asked(path, Item(order_id="7a1", code="0"))
    by_name = asked(path, Item(client_id="a1", code="0"))
    assert says(rule(seen(tagged, by_id)), "passed")
    assert says(rule(seen(tagged, by_name)), "passed")
    assert says(rule(seen(tagged, bare, asked(path, Item(client_id="b1", code="0")))), "missed")
    assert says(rule(seen(tagged, asked(path, Item(order_id="9", code="0")))), "missed")
    refused = asked(path, Item(order_id="7a1", code="51400"), code="51400")
    assert says(rule(seen(tagged, refused)), "waiting", "51400")


def test_a_strategy_order_carries_the_code_over_the_api_and_is_refused_over_oauth() -> None:
    path = "/api/v5/trade/order-algo"
    taken, refused = asked(path, item()), asked(path, item(code="50030", echo=""), code="50030")
    assert says(tags.strategy(seen(taken)), "passed")
    bare = asked(path, item(tag="", echo=""))
    assert says(tags.strategy(seen(bare)), "missed", CODE)
    assert says(tags.strategy(seen(refused, channel=Channel.OAUTH)), "passed", "50030")
    other = asked(path, item(code="51000"), code="51000")
    assert says(tags.strategy(seen(other, channel=Channel.OAUTH)), "waiting", "51000")


def test_an_order_that_is_too_small_is_refused_for_that_and_gives_the_tag_back() -> None:
    assert tags.too_small(seen(order(code="51008"))).state == "waiting"
    assert says(tags.too_small(seen(order(code="51020"))), "passed", "51020")
    assert says(tags.too_small(seen(order(code="51020", tag="", echo=""))), "missed", "no tag")
    assert tags.too_small(seen(order(code="51020", echo=""))).state == "missed"


# --- after a 429 --------------------------------------------------------------------------------

STRUCK = order("w1", code="50011", at=0)


def after_429(*rows: Seen) -> Verdict:
    return trials.too_many(seen(STRUCK, *rows, begun={Trial.TOO_MANY: 0}))


def test_an_order_that_comes_again_after_a_moment_passes_under_its_id_or_another() -> None:
    assert says(after_429(), "waiting", "Wait a moment")
    assert says(after_429(order("w1", at=1)), "passed", "after 1.0 s")
    assert says(after_429(order("w2", at=1)), "passed")


def test_who_hammers_or_orders_twice_after_a_429_is_missed() -> None:
    hasty = [order("w1", code="50011", at=n / 10) for n in range(1, 5)]
    assert says(after_429(*hasty), "missed", "4 times within two seconds")
    assert says(after_429(order("w2", at=1), order("w3", at=2)), "missed", "accepted twice")
    assert says(after_429(order("w2", at=1), order("w3", at=31)), "passed")
    assert says(after_429(order("w2", at=1), order("w3", intent="other", at=2)), "passed")
    assert after_429(order("w1", code="51008", at=3)).state == "waiting"


def test_a_429_counts_from_the_moment_that_the_run_makes_it() -> None:
    earlier = seen(STRUCK, order("w1", at=1), begun={Trial.TOO_MANY: 2})
    assert says(trials.too_many(earlier), "waiting", "Your next order")
    assert trials.too_many(seen(STRUCK, order("w1", at=1))).state == "waiting"
    gone = seen(STRUCK, order("w1", at=1), begun={Trial.TOO_MANY: 0, Trial.FAREWELL: 1})
    assert trials.too_many(gone).state == "waiting"


# --- after an unknown outcome -------------------------------------------------------------------

LOST = order("u1", code="50004", at=0)


def after_50004(*rows: Seen, channel: Channel = Channel.API, first: Seen = LOST) -> Verdict:
    return trials.unknown(seen(first, *rows, channel=channel, begun={Trial.UNKNOWN: 0}))


@CHANNELS
@pytest.mark.parametrize(
    "answer",
    [
        looked_up("u1", at=1),
        looked_up("u1", code="51603", at=1),
        asked("/api/v5/trade/orders-pending", method="GET", at=1),
        order("u1", code="51016", at=1),
        batch(item("u1"), item("u9", intent="other"), at=1),
    ],
    ids=["looked up", "not found", "among the open", "repeated", "repeated in a batch"],
)
def test_an_order_that_is_looked_up_or_repeated_under_its_id_passes(
    answer: Seen, channel: Channel
) -> None:
    assert says(after_50004(answer, channel=channel), "passed", "50004")


@pytest.mark.parametrize(
    "other",
    [
        looked_up("u2", at=1),
        looked_up("u2", code="51603", at=1),
        asked("/api/v5/trade/orders-pending", method="GET", code="50011", at=1),
        asked("/api/v5/account/balance", method="GET", at=1),
        order("u3", intent="another", at=1),
    ],
    ids=["another id", "another not found", "refused", "balance", "another order"],
)
def test_what_says_nothing_of_the_order_decides_nothing(other: Seen) -> None:
    assert after_50004(other).state == "waiting"


@CHANNELS
def test_the_same_order_under_a_new_id_or_none_is_missed(channel: Channel) -> None:
    anew, bare = order("u2", at=1), order("", at=1)
    assert says(after_50004(anew, channel=channel), "missed", "new client order id “u2”")
    assert says(after_50004(bare, channel=channel), "missed", "no client order id")
    late = after_50004(anew, looked_up("u1", at=2), channel=channel)
    assert says(late, "missed"), "to look afterwards is too late"
    nameless = after_50004(channel=channel, first=order("", code="50004"))
    assert says(nameless, "missed", "nobody can look it up")


def test_who_looks_up_an_order_that_is_there_and_sends_it_anew_is_missed() -> None:
    anew = order("u2", at=2)
    assert says(after_50004(looked_up("u1", at=1), anew), "missed", "sent again")
    not_there = looked_up("u1", code="51603", at=1)
    assert says(after_50004(not_there, anew, channel=Channel.OAUTH), "passed")
    repeated = order("u1", at=1)
    assert says(after_50004(repeated, anew, channel=Channel.OAUTH), "missed", "sent again")
    assert says(after_50004(looked_up("u1", at=1), order("u2", at=31)), "passed")


# --- the end ------------------------------------------------------------------------------------


def refused(at: float) -> Seen:
    return asked("/api/v5/account/balance", method="GET", code="50111", held=False, at=at)


def ended(*rows: Seen, until: float) -> Verdict:
    return access.farewell(seen(order(), *rows, begun={Trial.FAREWELL: 1}, until=until))


def test_a_client_that_is_refused_and_quiet_for_a_minute_passes() -> None:
    assert access.farewell(seen(refused(1))).state == "waiting"
    assert says(ended(until=900), "waiting", "one more request")
    assert says(ended(asked(PLACE, item(), at=1), until=900), "waiting")
    assert says(ended(refused(1), until=31), "waiting", "30 s more")
    assert says(ended(refused(1), until=61), "passed", "then quiet")
    assert says(ended(refused(1), refused(5), until=61), "passed", "1 more and quiet")


def test_a_client_that_goes_on_after_its_end_is_missed_while_the_minute_still_runs() -> None:
    hammers = [refused(second) for second in range(11)]
    assert says(ended(*hammers, until=12), "missed", "11 requests", "Stop")
    slowly = [refused(second * 6) for second in range(11)]
    assert says(ended(*slowly, until=120), "passed"), "the eleventh came after the minute"


def test_what_is_asked_after_the_end_changes_no_other_check() -> None:
    rows = (order(), refused(1), order("", tag="", echo="", at=2))
    facts = seen(*rows, begun={Trial.FAREWELL: 1})
    assert says(access.caller(facts), "passed")
    assert says(tags.order_tag(facts), "passed")
    assert access.client_ids(facts).state == "waiting"
