"""The payload library: one file per situation, named for it, written by the documented shapes."""

from pathlib import Path

from connect_portal.venue.transport import Answer

FOLDER = Path(__file__).parent / "payloads"


def payload(situation: str) -> bytes:
    """The body of one situation."""
    return (FOLDER / f"{situation}.json").read_bytes()


def answer(situation: str, status: int = 200) -> Answer:
    """The body of one situation as an answer of the venue."""
    return Answer(status=status, body=payload(situation))


def situations(prefix: str) -> list[str]:
    """Every situation whose name begins so; an empty list would be a test that cannot fail."""
    found = sorted(path.stem for path in FOLDER.glob(f"{prefix}*.json"))
    assert found, f"no payload begins with {prefix}"
    return found
