"""The tag rule: an order carries the institution's code or no order leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect_portal.gateway.codes import tag_to_forward
from connect_portal.gateway.enums import Operation
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.notional import Terms
from connect_portal.gateway.rules import Asked, judge

codes = st.from_regex(r"[A-Za-z0-9]{1,16}", fullmatch=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(codes, st.sampled_from([None, ""]))
def test_an_absent_or_empty_tag_is_filled_with_the_code(code: str, sent: object) -> None:
    assert tag_to_forward(sent, code) == code


@given(codes)
def test_the_institutions_own_code_is_kept(code: str) -> None:
    assert tag_to_forward(code, code) == code


@given(codes, json_values.filter(lambda sent: sent not in (None, "")))
def test_whatever_else_is_sent_is_refused(code: str, sent: object) -> None:
    if sent != code:
        with pytest.raises(Refused, match="51000"):
            tag_to_forward(sent, code)


@pytest.mark.parametrize("sent", ["acmecode1", "ACMEcode1 ", " ", "ACMEcode", "ZENITH2", 0, False])
def test_almost_the_code_is_not_the_code(sent: object) -> None:
    with pytest.raises(Refused) as refused:
        tag_to_forward(sent, "ACMEcode1")
    assert "Connect code" in refused.value.text


def asked(operation: Operation, tag: object = None, is_strategy: bool = False) -> Asked:
    return Asked(
        operation, "BTC-USDT", "mine1", "", tag, is_strategy, Terms("buy", "market", "", "1", "")
    )


@pytest.mark.parametrize("operation", [Operation.AMEND, Operation.CANCEL])
def test_a_stray_tag_does_not_keep_anybody_from_cancelling_or_amending(
    operation: Operation,
) -> None:
    verdict = judge(asked(operation, "159881cb7207BCDE"), "ACMEcode1")
    assert (verdict.allowed, verdict.tag) == (True, "")


@pytest.mark.parametrize("operation", list(Operation))
def test_a_strategy_order_is_refused_whatever_its_tag(operation: Operation) -> None:
    verdict = judge(asked(operation, "ACMEcode1", is_strategy=True), "ACMEcode1")
    assert (verdict.code, verdict.reason) == (
        "50030",
        "Strategy orders are available on the API channel only",
    )
