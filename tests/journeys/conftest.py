"""One site for the journeys of a file, brought up once."""

from collections.abc import Iterator

import pytest

from connect_portal.kit.runtime.ports import free_port
from tests.journeys.site import Site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole site, as `make run` brings it up."""
    running = Site(tmp_path_factory.mktemp("site") / "data", free_port(), free_port())
    running.start()
    yield running
    if running.is_up():
        assert running.stop() == 0
