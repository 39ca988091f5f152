"""What the desk is asked for in its address, and what is typed at it."""

from typing import TYPE_CHECKING, Any, Final

from django import forms

from connect_portal.facts import countries
from connect_portal.institutions.desk import (
    BANDS,
    HANDS,
    NOBODY,
    OPEN_STEPS,
    Queue,
    Wanted,
    first_queue,
)
from connect_portal.institutions.enums import CLOSED_STEPS, BusinessKind, Channel
from connect_portal.institutions.models import (
    FILTER_LENGTH,
    FILTER_NAME_LENGTH,
    NO_CLOCK,
    NOTE_LENGTH,
)
from connect_portal.kit.clock import to_us

if TYPE_CHECKING:
    from connect_portal.people.models import Person

MOST: Final = 2**63 - 1
KEY: Final = r"\A[0-9]{1,18}\.[0-9]{1,18}\Z"
STAGES: Final = [(step.value, step.label) for step in (*OPEN_STEPS, *CLOSED_STEPS)]
_AGES: Final = [(number, band.label) for number, band in enumerate(BANDS)]


def _one_of(choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, required=False)


def _band() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(choices=_AGES, required=False, coerce=int, empty_value=None)


class DeskForm(forms.Form):
    """The filters of the desk, as an address has them."""

    queue = _one_of(Queue.choices)
    q = forms.CharField(max_length=120, required=False)
    stage = _one_of(STAGES)
    hand = _one_of(HANDS)
    who = forms.IntegerField(min_value=NOBODY, max_value=MOST, required=False)
    kind = _one_of(BusinessKind.choices)
    channel = _one_of(Channel.choices)
    country = _one_of(countries().items())
    late = forms.BooleanField(required=False)
    renewal = forms.BooleanField(required=False)
    flagged = forms.BooleanField(required=False)
    age = _band()
    stay = _band()
    after = forms.RegexField(KEY, required=False)

    def clean_after(self) -> str:
        """Nothing is later than what has no clock."""
        key = str(self.cleaned_data["after"])
        if int(key.partition(".")[0] or 0) > to_us(NO_CLOCK):
            raise forms.ValidationError("unknown")
        return key

    def wanted(self, person: "Person") -> Wanted:
        """What is wanted, as far as it can be understood."""
        self.is_valid()
        known = {
            name: self.cleaned_data[name]
            for name in Wanted.__dataclass_fields__
            if self.cleaned_data.get(name) is not None and name != "queue"
        }
        queue = self.cleaned_data.get("queue")
        return Wanted(Queue(queue) if queue else first_queue(person), **known)

    @property
    def after_key(self) -> str:
        """From where the page goes on; empty for the first."""
        return str(self.cleaned_data.get("after", ""))


class TakeForm(forms.Form):
    """Which application is taken, and who was shown to have it: ``12:0``."""

    take = forms.RegexField(r"\A[0-9]{1,18}:[0-9]{1,18}\Z")

    @property
    def about(self) -> tuple[int, int | None]:
        """The application's number, and the person's."""
        pk, _, seen = self.cleaned_data["take"].partition(":")
        return int(pk), int(seen) or None


class HandOverForm(forms.Form):
    """To whom an application goes, and why."""

    to = forms.ChoiceField(label="Colleague")
    note = forms.CharField(
        label="Note to your colleague",
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, colleagues: list["Person"], **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [(str(one.pk), str(one)) for one in colleagues]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]


class SaveFilterForm(forms.Form):
    """The name of a view, and the query that it stands for."""

    name = forms.CharField(max_length=FILTER_NAME_LENGTH)
    query = forms.CharField(max_length=FILTER_LENGTH, required=False)
