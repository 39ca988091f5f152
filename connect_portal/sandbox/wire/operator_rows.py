"""Accounts, keys, codes and disturbances as the operator door shows them.

Amounts, shares and rates are decimal texts, times milliseconds since 1970. Used by `operator`.
"""

from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.fees import BILLION
from connect_portal.sandbox.engine.model import Account, Fault, Key, State
from connect_portal.sandbox.engine.programme import Broker, Standing, standing_at
from connect_portal.sandbox.engine.units import ONE, plain


def account_row(state: State, account: Account) -> dict[str, object]:
    """An account with its balances, keys and codes, and what it has agreed."""
    uid = account.uid
    return {
        "uid": uid,
        "label": account.label,
        "region": account.region,
        "level": account.level,
        "balances": [
            {
                "ccy": ccy,
                "bal": plain(balance.total),
                "availBal": plain(balance.available),
                "frozenBal": plain(balance.held),
            }
            for ccy, balance in ledger.balances(state, uid)
        ],
        "keys": [key_row(key) for key in state.keys.values() if key.uid == uid],
        "brokers": [broker_row(each) for each in state.brokers.values() if each.uid == uid],
        "client": client_row(standing_at(state.clients.get(uid, []), state.last_ts)),
    }


def fault_row(fault: Fault) -> dict[str, str | int]:
    """A disturbance as this door shows it."""
    return {
        "id": fault.fault_id,
        "kind": fault.kind,
        "uid": fault.uid,
        "path": fault.path,
        "code": fault.code,
        "ms": fault.ms,
        "times": fault.times,
    }


def broker_row(broker: Broker) -> dict[str, str | int]:
    """A code and its terms in force."""
    terms = broker.terms[-1]
    return {
        "code": broker.code,
        "kind": broker.kind,
        "rate": _share(terms.rate),
        "affiliated_rate": _share(terms.affiliated_rate),
        "sub_share": _share(terms.sub_share),
        "client_share": _share(terms.client_share),
        "monthly_cap": plain(terms.monthly_cap),
        "valid_until": terms.valid_until,
        "report_ms": broker.report_ms,
    }


def client_row(standing: Standing) -> dict[str, str | bool]:
    """What an account has agreed besides."""
    return {
        "affiliated": standing.affiliated,
        "affiliate_share": _share(standing.affiliate_share),
        "card_share": _share(standing.card_share),
        "special_rate": standing.special_rate,
        "managed": standing.managed,
    }


def _share(billionths: int) -> str:
    """Billionths as a decimal text."""
    return plain(billionths * (ONE // BILLION))


def key_row(key: Key) -> dict[str, str]:
    """A key without its secrets."""
    return {"apiKey": key.api_key, "perm": key.perm, "ip": key.ip, "label": key.label}
