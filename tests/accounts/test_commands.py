from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from audit.models import Event

pytestmark = pytest.mark.django_db


def call(command, **options):
    out = StringIO()
    call_command(command, interactive=False, stdout=out, **options)
    return out.getvalue()


def test_the_first_programme_manager_comes_from_the_command_line(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery staple")

    said = call("create_user", email="Petra@example.com", name="Petra Palm", programme_manager=True)

    person = User.objects.get(email="petra@example.com")
    assert (person.is_programme_manager, person.is_superuser) == (True, False)
    assert person.check_password("correct horse battery staple")
    assert said == "petra@example.com can sign in.\n"


def test_createsuperuser_keeps_its_record():
    call("createsuperuser", email="sue@example.com", name="Sue Sand")

    person = User.objects.get(email="sue@example.com")
    assert (person.is_superuser, person.is_staff) == (True, True)
    event = Event.objects.get(stream__name=f"accounts/users/{person.pseudonym}")
    assert (event.kind, event.actor_kind) == ("user.created", "system")


def test_a_poor_password_is_refused(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "password")

    with pytest.raises(CommandError, match="too short"):
        call("create_user", email="petra@example.com", name="Petra")

    assert not User.objects.exists()


def test_what_is_missing_is_named():
    with pytest.raises(CommandError, match="Give --email"):
        call("create_user", name="Petra")
    with pytest.raises(CommandError, match="Give --name"):
        call("create_user", email="petra@example.com")


def test_an_account_is_not_opened_twice():
    call("create_user", email="petra@example.com", name="Petra")

    with pytest.raises(CommandError, match="already signs in"):
        call("create_user", email="petra@example.com", name="Petra")


def test_it_asks_at_a_terminal(monkeypatch):
    answers = iter(["petra@example.com", "Petra Palm"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    monkeypatch.setattr("getpass.getpass", lambda question: "correct horse battery staple")

    call_command("create_user", stdout=StringIO())

    assert User.objects.get(email="petra@example.com").name == "Petra Palm"


def test_two_passwords_must_agree(monkeypatch):
    answers = iter(["correct horse battery staple", "wrong horse"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda question: next(answers))

    with pytest.raises(CommandError, match="differ"):
        call_command("create_user", email="petra@example.com", name="Petra")
