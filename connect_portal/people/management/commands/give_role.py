"""``manage.py give_role``: how the first staff of an installation come to their roles."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connect_portal.people.actions import give_staff_role, make_administrator
from connect_portal.people.enums import StaffRole
from connect_portal.people.queries import find

NONE, ADMINISTRATOR = "none", "administrator"


class Command(BaseCommand):
    """Gives somebody who has signed up a role at the exchange, or takes it away."""

    help = "Give a person a role at the exchange. They sign up on the site first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and which role; ``none`` takes it away. An administrator gives the others."""
        parser.add_argument("email")
        parser.add_argument("role", choices=[*filter(None, StaffRole.values), ADMINISTRATOR, NONE])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say that nobody has this address."""
        person = find(options["email"])
        if person is None:
            raise CommandError(f"Nobody has signed up as {options['email']}.")
        if options["role"] == ADMINISTRATOR:
            make_administrator(person, actor="system:command")
            self.stdout.write(f"{person.email}: Administrator.")
            return
        role = StaffRole.NONE if options["role"] == NONE else StaffRole(options["role"])
        give_staff_role(person, role, actor="system:command")
        self.stdout.write(f"{person.email}: {role.label}. A second factor is asked for at sign-in.")
