"""Words with placeholders: filled once, never run, and refused where something cannot be filled."""

from hypothesis import given
from hypothesis import strategies as st

from connect_portal.institutions import calendars, wording

NAMES = ("company", "code", "note")
PARTS = st.sampled_from(
    [
        "{{ code }}",
        "{{note}}",
        "{{",
        "}}",
        "{%",
        "%}",
        "{",
        "}",
        "{{ rate }}",
        "{{ code.pk }}",
        "\n\n",
    ]
)
BODIES = st.lists(PARTS | st.text(max_size=8), max_size=12).map("".join)
VALUES = st.fixed_dictionaries({name: st.text(max_size=20) | PARTS for name in NAMES})


@given(BODIES, VALUES)
def test_words_without_problems_are_filled_and_only_by_their_values(
    body: str, values: dict[str, str]
) -> None:
    if wording.problems(body, NAMES):
        return
    bare = wording.fill(body, dict.fromkeys(NAMES, ""))
    assert "{{" not in bare
    longest = wording.fill(body, values)
    given_by = sum(len(values[name]) for name in wording.PLACEHOLDER.findall(body))
    assert len(longest) == len(bare) + given_by


@given(BODIES, VALUES)
def test_a_paragraph_is_left_out_only_where_something_in_it_has_nothing_to_say(
    body: str, values: dict[str, str]
) -> None:
    if wording.problems(body, NAMES):
        return
    said = wording.paragraphs(body, values)
    full = wording.paragraphs(body, dict.fromkeys(NAMES, "x"))
    assert len(said) <= len(full)
    if all(values.values()):
        assert len(said) == len(full)


@given(st.dictionaries(st.dates().filter(lambda day: day.weekday() < 5), st.sampled_from("ab")))
def test_a_calendar_reads_back_as_it_was_written(days: dict[object, str]) -> None:
    ordered = dict(sorted(days.items()))
    body = calendars.written(ordered)
    assert calendars.problems(body) == []
    assert calendars.days(body) == ordered


@given(st.text())
def test_any_text_is_a_calendar_or_says_why_not(body: str) -> None:
    if not calendars.problems(body):
        assert len(calendars.days(body)) == len(body.splitlines())
