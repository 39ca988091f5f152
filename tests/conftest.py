"""Fixtures for every test: the cast, made on first use, and a quick and clean environment."""

import gc
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import override_settings

from connect_portal.institutions.models import Institution
from connect_portal.people.enums import MembershipRole
from connect_portal.people.models import Person
from tests import cast, emptying, migrated
from tests.browser import LAUNCH

# Playwright keeps an event loop running in the main thread once it has started. Django would then
# refuse its ORM, and `asyncio.run` itself, so tests with a browser come last.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


JOURNEYS = Path(__file__).parent / "journeys"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files with tests that drive a browser behind all others, and in each those tests
    last. A file stays whole, for its tests may share what is alive; such a file has no coroutines
    of its own. The longest of these files go first, so that no process is alone at the end."""
    with_browser = Counter(item.path for item in items if _drives_a_browser(item))

    def place(item: pytest.Item) -> tuple[Any, ...]:
        if item.path not in with_browser:
            return (False,)
        is_journey = JOURNEYS in item.path.parents
        tests = with_browser[item.path]
        return (True, not is_journey, -tests, item.path, _drives_a_browser(item))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what stays to the end: the modules and the tests."""
    gc.collect()
    gc.freeze()


def _drives_a_browser(item: pytest.Item) -> bool:
    """Whether a test does, or stands among the steps of a journey that does."""
    is_marked = item.get_closest_marker("browser") is not None
    return is_marked or "playwright" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session", autouse=True)
def _quick(django_test_environment: None) -> Iterator[None]:
    """Hash passwords fast, and serve static files without collecting them first."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers, STORAGES=storages):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Migrate once for all the processes of a run."""
    migrated.begin_with_it()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Forget quickly what a test commits."""
    with django_db_blocker.unblock():
        emptying.take_over()


@pytest.fixture(autouse=True)
def _no_memory_of_attempts(request: pytest.FixtureRequest) -> None:
    """Forget rate limits and used one-time codes of the test before."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        cache.clear()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium, quiet."""
    return browser_type_launch_args | LAUNCH


@pytest.fixture
def acme(db: None) -> Institution:
    """The institution at the centre; its Connect code is ACMEcode1."""
    return cast.institution("Acme", code="ACMEcode1")


@pytest.fixture
def zenith(db: None) -> Institution:
    """Acme's rival; its Connect code is ZENITH2."""
    return cast.institution("Zenith", code="ZENITH2")


@pytest.fixture
def ada(acme: Institution) -> Person:
    """Owner of Acme."""
    return cast.member("Ada", acme)


@pytest.fixture
def ben(acme: Institution) -> Person:
    """Looks on at Acme."""
    return cast.member("Ben", acme, MembershipRole.VIEWER)


@pytest.fixture
def rival(zenith: Institution) -> Person:
    """Owner of Zenith."""
    return cast.member("Zenith-owner", zenith)


@pytest.fixture
def alice(db: None) -> Person:
    """An end user."""
    return cast.person("Alice")


@pytest.fixture
def bob(db: None) -> Person:
    """Another end user."""
    return cast.person("Bob")


@pytest.fixture
def morgan(db: None) -> Person:
    """Account manager at the exchange, with a second factor."""
    return cast.staff("Morgan")


@pytest.fixture
def mallory(db: None) -> Person:
    """A stranger with an account."""
    return cast.person("Mallory")
