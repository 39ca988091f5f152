"""Trouble between the portal and a live exchange, made to order."""

import pytest

pytest.register_assert_rewrite("tests.faults.exchange")
