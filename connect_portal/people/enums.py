"""Roles, and the audit tags of everything that happens to people."""

from enum import StrEnum
from typing import Final

from django.db.models import TextChoices


class StaffRole(TextChoices):
    """What a person does for the exchange; nobody else has one."""

    NONE = "", "Not staff"
    ACCOUNT_MANAGER = "account_manager", "Account manager"
    COMPLIANCE = "compliance", "Compliance"
    TECHNICAL = "technical", "Technical"
    FINANCE = "finance", "Finance"


class MembershipRole(TextChoices):
    """What a person may do for an institution."""

    OWNER = "owner", "Owner"
    DEVELOPER = "developer", "Developer"
    FINANCE = "finance", "Finance"
    VIEWER = "viewer", "Viewer"


TECHNICAL: Final = (MembershipRole.OWNER, MembershipRole.DEVELOPER)
"""Who may change the technical side, and is told what happens there."""
MONEY: Final = (MembershipRole.OWNER, MembershipRole.FINANCE, MembershipRole.VIEWER)
"""Who sees what the institution earns."""
PAPERS: Final = (MembershipRole.OWNER, MembershipRole.FINANCE)
"""Who may keep the files of its contracts."""


class Tag(StrEnum):
    """Audit tags of this app."""

    REGISTERED = "people:person:registered"
    STAFF_ROLE_GIVEN = "people:staff_role:given"
    MEMBERSHIP_GIVEN = "people:membership:given"
    MEMBERSHIP_CHANGED = "people:membership:changed"
    MEMBERSHIP_ENDED = "people:membership:ended"
    INVITED = "people:invitation:sent"
    INVITATION_WITHDRAWN = "people:invitation:withdrawn"
    STAFF_PROPOSED = "people:staff_invitation:proposed"
    STAFF_CONFIRMED = "people:staff_invitation:confirmed"
    STAFF_WITHDRAWN = "people:staff_invitation:withdrawn"
    ADMINISTRATOR_GIVEN = "people:administrator:given"
    SESSIONS_ENDED = "people:sessions:ended"
    PASSWORD_CHANGED = "people:password:changed"
    EMAIL_CHANGED = "people:email:changed"
    FACTOR_ADDED = "people:second_factor:added"
    FACTOR_REMOVED = "people:second_factor:removed"
    FACTOR_RESET = "people:second_factor:reset"
