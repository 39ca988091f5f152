"""`manage.py doors`: which audience each address of the site lets in."""

from typing import Any

from django.core.management.base import BaseCommand

from connect_portal.kit.doors import mounted


class Command(BaseCommand):
    """Prints audience, address pattern and URL name, a line each."""

    help = "List every address with the audience that its door lets in."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the list."""
        for page in mounted():
            self.stdout.write(f"{page.audience or '-':<12} {page.route}  {page.name}")
