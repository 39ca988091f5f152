"""The pages of the console, as the exchange's staff see them."""

import pytest
from django.test import Client

from tests.pages.conftest import Look
from tests.pages.opening import assert_sound_and_open, audience_of
from tests.pages.visits import PAGES


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", [name for name in PAGES if audience_of(name) == "console"])
def test_a_page_is_sound_and_open_to_everybody(look: Look, client: Client, name: str) -> None:
    assert_sound_and_open(look, client, name)
