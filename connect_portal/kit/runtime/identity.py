"""Who a program believes it is. PostgreSQL refuses to run as root, so root starts it disguised.

First choice: a user namespace of its own in which root is called `nobody`. Files keep their owner,
no folder is opened to others, no account is made. Where the kernel forbids that (most containers),
the second choice is to become an account that exists. Used by `programs` and `postgres` only.
"""

import ctypes
import functools
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import CannotStart

CLONE_NEWUSER = 0x10000000  # linux/sched.h
PR_SET_PDEATHSIG = 1  # linux/prctl.h
NOBODY = 65534
ACCOUNTS = ("postgres", "nobody")

# Loaded before any fork: a child between fork and exec must not import or load anything.
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Identity:
    """How a child appears: as ourselves, as nobody in a namespace, or as `account`."""

    namespace: bool = False
    account: str | None = None

    def assume(self) -> None:
        """Become it. Runs in the child, between fork and exec. Raises OSError if refused."""
        if self.namespace:
            _enter_namespace()
        elif self.account is not None:
            _become(self.account)

    def owns(self, folder: Path) -> None:
        """Give `folder` to the account, when the identity is one."""
        if self.account is not None:
            entry = pwd.getpwnam(self.account)
            os.chown(folder, entry.pw_uid, entry.pw_gid)


OURSELVES = Identity()


def unprivileged() -> Identity:
    """The identity for a program that refuses root. Raises CannotStart when there is none."""
    if os.geteuid() != 0:
        return OURSELVES
    if sys.platform == "linux" and namespaces_allowed():
        return Identity(namespace=True)
    for name in ACCOUNTS:
        if _exists(name):
            return Identity(account=name)
    raise CannotStart(
        "PostgreSQL refuses to run as root and no account `postgres` or `nobody` exists here:"
        " start as an ordinary user, or set DATABASE_URL."
    )


@functools.cache
def namespaces_allowed() -> bool:
    """Whether the kernel lets us make a user namespace, found by trying it."""
    try:
        subprocess.run(["/bin/true"], preexec_fn=_enter_namespace, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def before_exec(identity: Identity, death_signal: signal.Signals) -> Callable[[], None]:
    """What a child does between fork and exec: take its identity, and bind its life to ours.

    The order matters: the kernel forgets the parent-death signal when credentials change
    (prctl(2), PR_SET_PDEATHSIG).
    """
    parent = os.getpid()

    def prepare() -> None:
        identity.assume()
        if sys.platform == "linux":
            _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            # The parent may have died before the call above; getppid() is 0 for a parent that
            # a namespace hides, which a namespace of users never does.
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def _enter_namespace() -> None:
    uid, gid = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER)")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{NOBODY} {uid} 1")
    _write("/proc/self/gid_map", f"{NOBODY} {gid} 1")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    os.write(descriptor, text.encode())
    os.close(descriptor)


def _become(account: str) -> None:
    entry = pwd.getpwnam(account)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def _exists(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True
