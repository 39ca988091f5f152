"""Sealed values: they open where they were sealed, whole, while their key is kept."""

import os
import traceback

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from connect_portal.kit.secrets import SealBroken, seal, unseal

OLD, NEW = os.urandom(32), os.urandom(32)
HERE = "authorizations_binding|1|sealed_credentials"
PLAINTEXT = b"the-passphrase-of-alice"


@given(st.binary(max_size=300), st.text(max_size=60).filter(lambda text: text.isprintable()))
def test_a_value_opens_where_it_was_sealed(plaintext: bytes, place: str) -> None:
    assert unseal(seal(plaintext, bound_to=place), bound_to=place) == plaintext


def test_the_database_may_hand_it_back_as_a_view() -> None:
    assert unseal(memoryview(seal(PLAINTEXT, bound_to=HERE)), bound_to=HERE) == PLAINTEXT


@pytest.mark.parametrize("elsewhere", ["", HERE + " ", HERE[:-1], HERE.replace("1", "2")])
def test_a_value_moved_to_another_place_does_not_open(elsewhere: str) -> None:
    sealed = seal(PLAINTEXT, bound_to=HERE)
    with pytest.raises(SealBroken):
        unseal(sealed, bound_to=elsewhere)


def test_any_changed_byte_breaks_it() -> None:
    sealed = seal(PLAINTEXT, bound_to=HERE)
    for position in range(len(sealed)):
        for flip in (0x01, 0x80, 0xFF):
            changed = bytearray(sealed)
            changed[position] ^= flip
            with pytest.raises(SealBroken):
                unseal(bytes(changed), bound_to=HERE)


def test_a_value_cut_short_or_drawn_out_does_not_open() -> None:
    sealed = seal(PLAINTEXT, bound_to=HERE)
    for wrong in [*(sealed[:length] for length in range(len(sealed))), sealed + b"\0"]:
        with pytest.raises(SealBroken):
            unseal(wrong, bound_to=HERE)


def test_equal_values_never_look_equal() -> None:
    sealed = {seal(PLAINTEXT, bound_to=HERE) for _ in range(50)}
    assert len(sealed) == 50
    assert not any(PLAINTEXT in one for one in sealed)


def test_the_newest_key_seals_and_an_older_one_still_opens() -> None:
    with override_settings(VAULT={"k1": OLD}):
        before = seal(PLAINTEXT, bound_to=HERE)
    with override_settings(VAULT={"k2": NEW, "k1": OLD}):
        assert unseal(before, bound_to=HERE) == PLAINTEXT
        after = seal(PLAINTEXT, bound_to=HERE)
    with override_settings(VAULT={"k2": NEW}):
        assert unseal(after, bound_to=HERE) == PLAINTEXT
        with pytest.raises(SealBroken):
            unseal(before, bound_to=HERE)
    with override_settings(VAULT={"k1": NEW}), pytest.raises(SealBroken):
        unseal(before, bound_to=HERE)


def test_a_broken_seal_tells_the_place_and_nothing_of_the_value_or_the_keys() -> None:
    with override_settings(VAULT={"k1": OLD}):
        sealed = bytearray(seal(PLAINTEXT, bound_to=HERE))
        sealed[-1] ^= 1
        with pytest.raises(SealBroken) as broken:
            unseal(bytes(sealed), bound_to=HERE)
    told = "".join(traceback.format_exception(broken.value))
    assert str(broken.value) == HERE
    for secret in (PLAINTEXT, OLD):
        assert repr(secret)[2:-1] not in told
        assert secret.hex() not in told
