"""Each number of the venue and each status: what it is to us, and whether to come back."""

import pickle

import pytest

from connect_portal.venue.errors import (
    ClockSkewed,
    KeyRefused,
    MalformedAnswer,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unavailable,
    VenueError,
)
from connect_portal.venue.okx.errors import refusal, unreadable
from connect_portal.venue.transport import Answer


@pytest.mark.parametrize(
    ("number", "status", "kind", "retryable"),
    [
        ("50011", 429, Throttled, True),
        ("50011", 200, Throttled, True),
        ("50061", 200, Throttled, True),
        ("60014", 200, Throttled, True),
        ("50001", 503, Unavailable, True),
        ("50004", 400, Unavailable, True),
        ("50013", 429, Unavailable, True),
        ("50026", 500, Unavailable, True),
        ("60009", 200, Unavailable, True),
        ("64008", 200, Unavailable, True),
        ("50102", 401, ClockSkewed, True),
        ("60006", 200, ClockSkewed, True),
        ("50100", 400, KeyRefused, False),
        ("50101", 401, KeyRefused, False),
        ("50105", 401, KeyRefused, False),
        ("50110", 401, KeyRefused, False),
        ("50111", 401, KeyRefused, False),
        ("50113", 401, KeyRefused, False),
        ("50119", 401, KeyRefused, False),
        ("50120", 200, KeyRefused, False),
        ("60005", 200, KeyRefused, False),
        ("60024", 200, KeyRefused, False),
        ("51603", 200, Refused, False),
        ("51000", 400, Refused, False),
        ("99999", 200, Refused, False),
        ("99999", 429, Throttled, True),
        ("99999", 502, Unavailable, True),
    ],
)
def test_number_decides_kind_and_whether_to_retry(
    number: str, status: int, kind: type[VenueError], retryable: bool
) -> None:
    error = refusal(number, "why", Answer(status, b"", retry_after=4.0))
    assert type(error) is kind
    assert (error.retryable, error.venue_code, error.retry_after) == (retryable, number, 4.0)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, Throttled),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (404, Refused),
        (200, MalformedAnswer),
        (302, MalformedAnswer),
        (403, MalformedAnswer),
    ],
)
def test_status_decides_where_the_body_says_nothing(status: int, kind: type[VenueError]) -> None:
    assert type(unreadable(Answer(status, b"<html>"), "not JSON")) is kind


def test_every_kind_has_its_own_code() -> None:
    kinds = VenueError.__subclasses__()
    assert len({kind.code for kind in kinds}) == len(kinds) == 7
    assert not OutcomeUnknown("lost").retryable


def test_an_error_survives_the_way_between_processes() -> None:
    error = Throttled("slow down", venue_code="50011", retry_after=2.5)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.retry_after) == (str(error), 2.5)
