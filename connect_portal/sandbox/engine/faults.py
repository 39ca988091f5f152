"""Disturbances of the wire as part of the state, so that they survive a restart like all else."""

from connect_portal.sandbox.engine.commands import ClearFaults, SetFault
from connect_portal.sandbox.engine.events import FaultSet
from connect_portal.sandbox.engine.model import Fault
from connect_portal.sandbox.engine.world import World


def set_fault(world: World, command: SetFault) -> Fault:
    """Start disturbing. Refuses 50008 when the account does not exist."""
    if command.uid:
        world.account(command.uid)
    fault = Fault(
        fault_id=world.next_id(),
        kind=command.kind,
        uid=command.uid,
        path=command.path,
        code=command.code,
        ms=command.ms,
        times=command.times,
    )
    world.state.faults[fault.fault_id] = fault
    world.outcome.events.append(FaultSet(fault))
    return fault


def clear_faults(world: World, command: ClearFaults) -> int:
    """Stop disturbing; how many disturbances ended. One that is over already is no error."""
    faults = world.state.faults
    ended = [command.fault_id] if command.fault_id else list(faults)
    return sum(faults.pop(fault_id, None) is not None for fault_id in ended)
