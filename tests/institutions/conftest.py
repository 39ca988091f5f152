"""Fixtures of applications."""

import pytest

from tests.institutions.road import Road


@pytest.fixture
def road(db: None) -> Road:
    """The people of an application."""
    return Road.make()
