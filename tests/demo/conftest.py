"""The cast, loaded on a real sandbox exchange; the secrets lie in a folder of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from connect_portal.demo.actions import load
from tests.sandbox.conftest import OPERATOR_KEY, Sandbox, sandbox

__all__ = ["sandbox"]


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox, db: None) -> Iterator[Path]:
    """The data folder of a place where the cast may be loaded."""
    with override_settings(
        DEMO=True,
        DATA_DIR=tmp_path,
        VENUE_NAME="sandbox",
        VENUE_URL=sandbox.base_url,
        VENUE_WS_URL=sandbox.ws_url,
        SANDBOX_OPERATOR_KEY=OPERATOR_KEY,
    ):
        yield tmp_path


@pytest.fixture
def loaded(home: Path) -> Path:
    """The data folder after the cast was loaded."""
    load()
    return home
