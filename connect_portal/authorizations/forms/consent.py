"""What an end user fills in about a grant: what they allow of what was asked, and its limits."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.forms.boundfield import BoundWidget

from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.limits import NO_LIMITS, Limits
from connect_portal.authorizations.oauth.requests import Asked
from connect_portal.authorizations.queries import accounts_of
from connect_portal.authorizations.wording import MEANINGS
from connect_portal.kit.errors import Refusal
from connect_portal.kit.money import AMOUNT, plain
from connect_portal.kit.templatetags.look import grouped
from connect_portal.venue.types import Environment

DAYS: Final = {30: "30 days", 90: "90 days", 365: "One year"}
USUAL_DAYS: Final = 90


def _amount(label: str, help_text: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "autocomplete": "off", "placeholder": "No limit"}
        ),
        **AMOUNT,
    )


class LimitsForm(forms.Form):
    """The person's own limits on a grant, none beyond ``most``."""

    pairs = forms.MultipleChoiceField(
        label="Pairs", required=False, widget=forms.CheckboxSelectMultiple
    )
    most_per_order = _amount("Most per order", "USD. An order worth more is refused.")
    most_per_day = _amount("Most per day", "USD. Counts all its orders of a day, in UTC.")

    def __init__(
        self, data: Any, *, most: Limits, now: Limits, listed: Iterable[str], **kwargs: Any
    ) -> None:
        """Arguments: ``now`` is what the form begins with, ``listed`` what the venue trades."""
        self.most = most
        initial = {
            "pairs": sorted(now.pairs),
            "most_per_order": _shown(now.most_per_order),
            "most_per_day": _shown(now.most_per_day),
        } | kwargs.pop("initial", {})
        super().__init__(data, initial=initial, **kwargs)
        pairs = sorted(most.pairs or {*listed, *now.pairs})
        self.fields["pairs"].choices = [(pair, pair) for pair in pairs]  # type: ignore[attr-defined]
        for name in ("most_per_order", "most_per_day"):
            self.fields[name].required = getattr(most, name) is not None
            self.fields[name].error_messages["required"] = "Asked for with a limit: enter one."

    def clean_pairs(self) -> list[str]:
        """None chosen stands for every pair, where every pair was asked for."""
        chosen: list[str] = self.cleaned_data["pairs"]
        if self.most.pairs and not chosen:
            raise forms.ValidationError("Choose at least one pair, or allow no orders.")
        return chosen

    def clean_most_per_order(self) -> Decimal | None:
        """Above zero, and not beyond what was asked for."""
        return self._narrowed("most_per_order", self.most.most_per_order)

    def clean_most_per_day(self) -> Decimal | None:
        """Above zero, and not beyond what was asked for."""
        return self._narrowed("most_per_day", self.most.most_per_day)

    @property
    def limits(self) -> Limits:
        """What was chosen; valid forms only."""
        data = self.cleaned_data
        return Limits(frozenset(data["pairs"]), data["most_per_order"], data["most_per_day"])

    def say(self, refusal: Refusal) -> None:
        """Show a refusal beside the field it belongs to, where the form has it."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.text)

    def _narrowed(self, name: str, most: Decimal | None) -> Decimal | None:
        amount: Decimal | None = self.cleaned_data[name]
        if amount is not None and amount <= 0:
            raise forms.ValidationError("Enter an amount above zero.")
        if most is not None and amount is not None and amount > most:
            asked = grouped(most)
            raise forms.ValidationError(f"At most {asked} USD was asked for: enter that or less.")
        return amount


class ConsentForm(LimitsForm):
    """What the person allows of what was asked, on which account, how far, and for how long."""

    scopes = forms.MultipleChoiceField(
        label="Allow it to",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Allow at least one thing, or deny."},
    )
    account = forms.TypedChoiceField(label="On your venue account", coerce=int)
    days = forms.TypedChoiceField(label="Until it ends", coerce=int, widget=forms.RadioSelect)

    def __init__(self, data: Any, *, asked: Asked, person_id: int, listed: Iterable[str]) -> None:
        most = asked.wanted.limits
        lasting = _lasting(asked.wanted.days)
        initial = {
            "scopes": asked.scopes,
            "days": asked.wanted.days or min(USUAL_DAYS, max(lasting)),
        }
        super().__init__(data, most=most, now=most, listed=listed, initial=initial)
        words = [(scope, Scope(scope).label) for scope in Scope.values if scope in asked.scopes]
        self.fields["scopes"].choices = words  # type: ignore[attr-defined]
        self.fields["days"].choices = list(lasting.items())  # type: ignore[attr-defined]
        environment = Environment(asked.client.environment)
        mine = [(account.pk, account.uid) for account in accounts_of(person_id, environment)]
        self.fields["account"].choices = mine  # type: ignore[attr-defined]
        if not mine:
            del self.fields["account"]
        if Scope.TRADE not in asked.scopes:
            for name in LimitsForm.base_fields:
                del self.fields[name]

    @property
    def boxes(self) -> list[tuple[BoundWidget, str]]:
        """What may be allowed, each with what it comes down to."""
        return [(box, MEANINGS[box.data["value"]]) for box in self["scopes"]]

    @property
    def choice(self) -> dict[str, Any]:
        """The arguments of `actions.consent` that a person chooses; valid forms only."""
        data = self.cleaned_data
        scopes = [Scope(scope) for scope in data["scopes"]]
        return {
            "scopes": scopes,
            "account_id": data.get("account"),
            "days": data["days"],
            "limits": self.limits if Scope.TRADE in scopes else NO_LIMITS,
        }


def _lasting(asked: int | None) -> dict[int, str]:
    """For how many days it may be given: what was asked for, and what is shorter."""
    if asked is None:
        return DAYS
    shorter = {days: words for days, words in DAYS.items() if days < asked}
    return shorter | {asked: DAYS.get(asked, "1 day" if asked == 1 else f"{asked} days")}


def _shown(amount: Decimal | None) -> str:
    return "" if amount is None else plain(amount)
