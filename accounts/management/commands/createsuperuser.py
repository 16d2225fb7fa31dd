"""Django's createsuperuser, with its record: history and an event, as for every account."""

from accounts.management.commands import create_user
from accounts.services.people import Details


class Command(create_user.Command):
    help = "Open the account of a superuser."
    roles: Details = {"is_staff": True, "is_superuser": True}
