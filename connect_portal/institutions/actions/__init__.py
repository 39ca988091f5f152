"""Writes of this room, by the part of an institution's life they belong to.

``entering`` a company and its code, ``agreeing`` on the contract, ``applying`` by the applicant,
``onboarding`` by the exchange, and the ``letters`` that tell of it.
"""

from connect_portal.institutions.actions.agreeing import accept_contract, go_live
from connect_portal.institutions.actions.entering import issue_code, open_institution

__all__ = ["accept_contract", "go_live", "issue_code", "open_institution"]
