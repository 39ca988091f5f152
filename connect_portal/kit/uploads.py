"""Uploads that are too large are refused while they arrive: nothing of them is kept.

The first of ``FILE_UPLOAD_HANDLERS``. A body that says beforehand that it is too long is read to
its end without being stored, because a browser that is cut off while it sends shows no words; so
memory and disk stay flat, and the form says what was wrong (`refused`).
"""

from typing import IO, Any, Final

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

_MARK: Final = "connect_portal.upload_refused"


class BoundedUploadHandler(FileUploadHandler):
    """Counts what arrives and stops at ``UPLOAD_MOST_BYTES`` a file."""

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],
        content_length: Any,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        """See how much is announced."""
        self.announced = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count a file; one that cannot fit is not even begun."""
        super().new_file(*args, **kwargs)
        self.received = 0
        rest_of_form = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if self.announced > settings.UPLOAD_MOST_BYTES + rest_of_form:
            self._refuse()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count, and hand on to the handler that keeps it."""
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_MOST_BYTES:
            self._refuse()
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The file is another handler's."""
        return None

    def _refuse(self) -> None:
        if self.request is not None:
            self.request.META[_MARK] = "1"
        raise StopUpload(connection_reset=False)


def refused(request: HttpRequest) -> bool:
    """Whether a file of this request was too large; its other fields may be missing too."""
    return _MARK in request.META


def most_megabytes() -> int:
    """The limit as people say it."""
    return int(settings.UPLOAD_MOST_BYTES // 2**20)
