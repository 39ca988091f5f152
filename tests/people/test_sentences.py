"""allauth's titles in the case of all others."""

import pytest

from connect_portal.people.templatetags.sentences import sentence


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Change Password", "Change password"),
        ("\n  Two-Factor Authentication\n", "Two-factor authentication"),
        ("New Password (again)", "New password (again)"),
        ("Current email:", "Current email"),
        ("Use the TOTP app", "Use the TOTP app"),
        ("Sign in with a passkey", "Sign in with a passkey"),
    ],
)
def test_a_title_is_written_as_a_sentence_begins(theirs: str, ours: str) -> None:
    assert sentence(theirs) == ours
