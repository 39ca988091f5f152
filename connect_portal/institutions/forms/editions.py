"""Forms in which editions are proposed and decided."""

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, Final, cast

from django import forms

from connect_portal.institutions.editions import problems
from connect_portal.institutions.enums import EditionKind
from connect_portal.institutions.models import BODY_LENGTH, EDITION_NOTE_LENGTH
from connect_portal.kit.money import plain
from connect_portal.terms.levels import MOST, SHARE_PLACES, Level, read, written

_BODY_HELP: Final = {
    EditionKind.CONTRACT: "The first line is the title. A paragraph that begins with a number and "
    "a full stop opens a clause; lines that begin with two spaces are rows of a table, their cells "
    "two spaces apart.",
    EditionKind.LETTER: "The first line is the subject, then an empty line, then paragraphs. "
    "Greeting, link and name are added. A paragraph with nothing to fill in is left out.",
    EditionKind.CALENDAR: "A day and its name on each line, as in 2027-01-01 New Year; in order.",
}
ROWS_TO_FILL: Final = 3
"""Empty rows below the levels that a plan has."""


class ProposalForm(forms.Form):
    """From when an edition is to hold, and why it is needed."""

    effective_from = forms.DateField(
        label="In force from",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        help_text="From the beginning of that day, UTC. Leave it empty: from its approval on.",
    )
    note = forms.CharField(
        label="Why",
        max_length=EDITION_NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whoever approves it reads this.",
    )

    def clean_effective_from(self) -> datetime | None:
        """The beginning of the day."""
        day = self.cleaned_data["effective_from"]
        return datetime.combine(day, time.min, UTC) if day else None


class WordsForm(ProposalForm):
    """A new edition of words or days; what was typed is kept, whatever is wrong with it."""

    body = forms.CharField(
        label="The new edition",
        max_length=BODY_LENGTH,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 22, "class": "mono", "spellcheck": "false"}),
    )
    field_order = ("body", "effective_from", "note")

    def __init__(self, *args: Any, kind: EditionKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["body"].help_text = _BODY_HELP[kind]

    def clean_body(self) -> str:
        """The words, with every problem that they have said at once."""
        body: str = self.cleaned_data["body"].replace("\r\n", "\n")
        if said := problems(self.kind, body.strip("\n")):
            raise forms.ValidationError(said)
        return body


class LevelForm(forms.Form):
    """One level of a plan; the shares in per cent."""

    min_volume = forms.DecimalField(
        label="volume a month, USDT", min_value=0, max_digits=38, decimal_places=18
    )
    min_traders = forms.IntegerField(label="traders a month", min_value=0, max_value=2**31 - 1)
    rate = forms.DecimalField(
        label="share, %", min_value=0, max_value=100, decimal_places=SHARE_PLACES
    )
    affiliated_rate = forms.DecimalField(
        label="share with another inviter, %",
        min_value=0,
        max_value=100,
        decimal_places=SHARE_PLACES,
    )

    def level(self, number: int) -> Level:
        """What was typed, as level ``number``; valid forms only."""
        typed = self.cleaned_data
        shares = {name: typed[name] / 100 for name in ("rate", "affiliated_rate")}
        return Level(number, typed["min_volume"], typed["min_traders"], **shares)


if TYPE_CHECKING:
    _Rows = forms.BaseFormSet[LevelForm]
else:
    _Rows = forms.BaseFormSet


class LevelRows(_Rows):
    """The levels of a plan, a row each; rows left empty at the end are no levels."""

    default_error_messages = {
        "missing_management_form": "The rows did not arrive whole. Open this page again."
    }

    def initial_form_count(self) -> int:
        """None: a level is taken away by emptying its row."""
        return 0

    def add_fields(self, form: LevelForm, index: int | None) -> None:
        """Let each field be told apart by those who hear it."""
        super().add_fields(form, index)
        for field in form.fields.values():
            field.widget.attrs["aria-label"] = f"Level {index}: {field.label}"
            field.widget.attrs["inputmode"] = "decimal"

    def clean(self) -> None:
        """All levels together: no gap, rising, shares within bounds."""
        if any(self.errors) or self.non_form_errors():
            return
        filled = [form.has_changed() for form in self.forms]
        if False in filled[: len(self._filled())]:
            raise forms.ValidationError(
                f"Level {filled.index(False)} is empty; a higher one is not."
            )
        if said := problems(EditionKind.PLAN, self.body):
            raise forms.ValidationError(said)

    @property
    def body(self) -> str:
        """The lines of the plan; valid rows only."""
        return written(form.level(number) for number, form in enumerate(self._filled()))

    def _filled(self) -> list[LevelForm]:
        return [form for form in self.forms if form.has_changed()]


def level_rows(body: str, data: Any = None) -> LevelRows:
    """The rows of a plan's lines, or of what was typed into them."""
    rows = forms.formset_factory(LevelForm, formset=LevelRows, max_num=MOST, validate_max=True)
    if data is not None:
        return cast("LevelRows", rows(data, prefix="levels"))
    shown = [
        {
            "min_volume": plain(one.min_volume),
            "min_traders": one.min_traders,
            "rate": one.share,
            "affiliated_rate": one.affiliated_share,
        }
        for one in read(body)
    ]
    rows.extra = len(shown) + ROWS_TO_FILL
    return cast("LevelRows", rows(initial=shown, prefix="levels"))


class EditionDecisionForm(forms.Form):
    """What somebody decides about a proposed edition."""

    choice = forms.ChoiceField(
        choices=[("approve", "Approve"), ("decline", "Decline"), ("withdraw", "Withdraw")]
    )
    note = forms.CharField(
        required=False, max_length=EDITION_NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 3})
    )
