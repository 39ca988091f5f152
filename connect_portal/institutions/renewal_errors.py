"""The refusals around the term of a contract and its renewal."""

from connect_portal.kit.errors import Refusal


class RenewalNotDue(Refusal):
    """A contract is renewed towards its end, by what is in force then."""

    code = "renewal.not_due"
    sentence = "The contract runs until {ends:%Y-%m-%d}; its renewal is due from {due:%Y-%m-%d} on."


class NothingToRenew(Refusal):
    """Whoever has a contract and stays renews it."""

    code = "renewal.nothing"
    sentence = "{company} is at “{step}”: there is no contract to renew."


class NoRenewal(Refusal):
    """A signature, or its refusal, is about a renewal that was sent."""

    code = "renewal.none"
    sentence = "No signed renewal waits here."


class ContractOver(Refusal):
    """Nobody earns without a contract."""

    code = "contract.over"
    sentence = "The contract ended at {ends:%Y-%m-%d %H:%M} UTC, and no other stands."
    hint = "Renew it first: the account manager proposes the renewal on the contract's page."


class ContractStands(Refusal):
    """Nobody is suspended for the end of a contract that goes on."""

    code = "contract.stands"
    sentence = "The contract stands until {ends:%Y-%m-%d %H:%M} UTC."
