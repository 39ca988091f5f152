"""What whoever applies agrees to, as a version: a changed sentence makes a new one. Facts only.

An application keeps the version that was accepted; earlier texts are in the history of this file.
"""

from datetime import date
from typing import Final

VERSION: Final = "2026-11"
IN_FORCE_FROM: Final = date(2026, 11, 26)

CLAUSES: Final = (
    (
        "Who applies",
        "You apply in the company's name and are authorised to do so. What you fill in and hand in "
        "is true and complete, and you tell us when it changes.",
    ),
    (
        "The Connect code",
        "A code is reserved for the company when the application is submitted. It belongs in the "
        "tag of each order that the company brings, and nowhere else. It is never given to others, "
        "and works only once technical access is set up.",
    ),
    (
        "Users",
        "The company trades for a user only while that user's key or consent lasts, and within its "
        "limits. It asks for no permission to withdraw, and never asks for a password.",
    ),
    (
        "Commission",
        "What is earned, from which plan, and when it is paid stands in the contract. Nothing is "
        "earned before the contract is signed by both sides and the company is live.",
    ),
    (
        "Looking at documents",
        "We keep what you hand in for the review and as long as the law wants it kept. Only you, "
        "the owners of the company's pages here, and the staff who review it can open it.",
    ),
    (
        "The end",
        "You may withdraw at any time until the application is approved. We may ask, decline and "
        "suspend, and say why.",
    ),
)
