"""Effects happen at least once, after commit, and are visible until they have (promise 12). A real mail server."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from celery import Task
from django.db import connection, connections, transaction
from django.test import override_settings

from accounts import services as accounts
from accounts.errors import NotAllowed, NotPossible
from audit.models import Event, Pending
from exceptions_app import services as cases
from tests.plugins import daemons
from tests.workflows.stage import AT, DAY, person
from workflows import effects, queries, services, sweeps
from workflows.mails import post
from workflows.models import Effect, EffectState, Notice

MINUTE = timedelta(minutes=1)


def work(at=AT):
    """What beat would have done by now."""
    while effects.dispatch(at=at):
        pass
    while effects.run_next(at=at):
        pass


def effect(reaction="ask_approvers"):
    return Effect.objects.get(reaction=reaction)


def outcome(reaction="ask_approvers"):
    found = effect(reaction)
    return found.state, found.drop_reason


class Killed(BaseException):
    """What a killed worker does next: nothing."""


@pytest.mark.smoke
def test_an_event_becomes_a_mail_to_each_person_once(committed, smtp_sink):
    committed.requested()

    work()
    work(AT + DAY)

    assert sorted(message["To"] for message in smtp_sink.messages) == ["bea@example.org", "bob@example.org"]
    assert outcome() == (EffectState.DONE, "")
    assert not Pending.objects.exists()


def test_a_rolled_back_act_leaves_no_effect(committed, smtp_sink):
    draft = committed.draft()
    work()

    with suppress(ZeroDivisionError), transaction.atomic():
        committed.submit(draft)
        raise ZeroDivisionError

    work()
    assert not Event.objects.filter(kind="case.submitted").exists()
    assert smtp_sink.messages == []


def test_dispatching_twice_makes_an_effect_once(committed):
    committed.requested()
    effects.dispatch(at=AT)
    Pending.objects.bulk_create(Pending(event=event) for event in Event.objects.all())

    effects.dispatch(at=AT)

    assert Effect.objects.filter(reaction="ask_approvers").count() == 1


def test_nothing_is_dispatched_or_sent_inside_a_transaction(committed, smtp_sink):
    committed.requested()

    with pytest.raises(RuntimeError), transaction.atomic():
        effects.dispatch(at=AT)
    effects.dispatch(at=AT)
    with pytest.raises(RuntimeError), transaction.atomic():
        effects.run_next(at=AT)

    assert smtp_sink.messages == []


def test_no_transaction_is_open_while_a_mail_goes(committed, smtp_sink, monkeypatch):
    seen = []
    send = post.Office.send

    def watched(office, message):
        seen.append(connection.in_atomic_block)
        return send(office, message)

    monkeypatch.setattr(post.Office, "send", watched)
    committed.requested()

    work()

    assert seen == [False, False]


def test_a_worker_killed_between_sending_and_marking_sends_the_same_message_again(committed, smtp_sink, monkeypatch):
    committed.requested()
    send = post.Office.send

    def killed(office, message):
        send(office, message)
        raise Killed

    monkeypatch.setattr(post.Office, "send", killed)
    with pytest.raises(Killed):
        work()
    monkeypatch.undo()

    work(AT + MINUTE)
    while_leased = len(smtp_sink.messages)
    work(AT + effects.LEASE)

    assert while_leased == 1
    assert effect().state == EffectState.DONE
    first, again, other = smtp_sink.messages
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]


def test_a_refusing_server_is_tried_again_later_and_later_with_the_same_message(committed, smtp_sink):
    committed.requested()
    smtp_sink.refuses = "451 later"

    work()
    first = effect()
    work(AT + MINUTE)
    second = effect()
    smtp_sink.refuses = ""
    work(AT + 3 * MINUTE)

    assert (first.state, first.attempts, first.next_attempt_at) == (EffectState.FAILED, 1, AT + MINUTE)
    assert "451" in first.last_error
    assert (second.attempts, second.next_attempt_at) == (2, AT + 3 * MINUTE)
    assert effect().state == EffectState.DONE
    assert len({message["Message-ID"] for message in smtp_sink.messages}) == len(smtp_sink.messages) == 2


def test_waiting_has_a_cap():
    assert [effects.backoff(n) for n in (1, 2, 3, 7, 50)] == [MINUTE, 2 * MINUTE, 4 * MINUTE, 60 * MINUTE, 60 * MINUTE]


def test_one_address_that_is_refused_keeps_no_mail_from_the_others(committed, smtp_sink):
    async def handle_rcpt(_server, _session, envelope, address, _options):
        if address.startswith("bea"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    smtp_sink.handle_RCPT = handle_rcpt
    committed.requested()

    work()
    work(AT + DAY)

    assert [message["To"] for message in smtp_sink.messages] == ["bob@example.org"]
    assert effect().state == EffectState.FAILED
    assert "bea@example.org" in effect().last_error


def test_while_the_server_is_away_one_attempt_stands_for_all(committed, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", daemons.free_port()
    for _number in range(3):
        committed.another().requested()
    while effects.dispatch(at=AT):
        pass
    Effect.objects.exclude(reaction="ask_approvers").delete()

    work()

    assert sorted(Effect.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    assert not Effect.objects.due(AT + effects.PAUSE - MINUTE / 60).exists()


def test_two_runners_never_do_the_same_effect(committed, smtp_sink):
    for _number in range(6):
        committed.another().requested()
    while effects.dispatch(at=AT):
        pass

    def run(_number):
        try:
            while effects.run_next(at=AT):
                pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))

    assert len(smtp_sink.messages) == len({message["Message-ID"] for message in smtp_sink.messages}) == 12
    assert set(Effect.objects.values_list("attempts", flat=True)) == {1}


def test_an_outcome_that_comes_after_the_lease_ran_out_changes_nothing(committed, smtp_sink, monkeypatch):
    committed.requested()
    while effects.dispatch(at=AT):
        pass
    Effect.objects.exclude(reaction="ask_approvers").delete()
    deliver = effects.mails.deliver

    def slow(one, *, at):
        monkeypatch.setattr(effects.mails, "deliver", deliver)
        effects.run_next(at=AT + effects.LEASE)
        raise ValueError("too late")

    monkeypatch.setattr(effects.mails, "deliver", slow)

    effects.run_next(at=AT)

    assert (effect().state, effect().last_error) == (EffectState.DONE, "")


def test_services_hand_nothing_to_the_broker_and_its_loss_loses_nothing(committed, smtp_sink, monkeypatch):
    def gone(*_anything, **_named):
        raise ConnectionError("no broker")

    monkeypatch.setattr(Task, "apply_async", gone)

    committed.active()
    sweeps.run_all(sweeps.CLOCK, name="sweep_clock", at=AT + 61 * DAY)
    work(AT + 61 * DAY)

    assert [message["Subject"] for message in smtp_sink.to("alice@example.org")] == [
        "[Stopgap] Ended, remove access: EXC-2026-0001 Old key in the ERP"
    ]


def test_what_events_have_overtaken_is_dropped_and_says_so(committed, smtp_sink):
    case = committed.requested()
    cases.withdraw(case=case, actor=committed.alice, at=AT, reason="Not needed")

    work()

    assert outcome() == (EffectState.DROPPED, "Overtaken: the exception is withdrawn.")
    assert smtp_sink.messages == []


def test_someone_who_has_left_or_no_longer_decides_gets_nothing(committed, smtp_sink):
    committed.requested()
    accounts.set_roles(user=committed.petra, is_programme_manager=False, actor=None, at=AT)
    accounts.deactivate(user=committed.bob, actor=None, at=AT)
    accounts.remove_member(group=committed.group, member=committed.bea, actor=None, at=AT)

    work()

    assert smtp_sink.messages == []
    assert outcome() == (EffectState.DROPPED, "Nobody is left whom this concerns.")


def test_where_nobody_may_decide_the_programme_managers_hear_of_it(committed, smtp_sink):
    committed.requested()
    for member in (committed.bob, committed.bea):
        accounts.remove_member(group=committed.group, member=member, actor=None, at=AT)

    work()

    [message] = smtp_sink.messages
    assert message["To"] == "petra@example.org"
    assert "nobody may decide it, and you run the programme" in " ".join(
        message.get_body(("plain",)).get_content().split()
    )


def test_someone_no_longer_concerned_at_the_second_attempt_is_dropped_by_name(committed, smtp_sink):
    committed.requested()
    smtp_sink.refuses = "451 later"
    work()
    smtp_sink.refuses = ""
    accounts.remove_member(group=committed.group, member=committed.bea, actor=None, at=AT)

    work(AT + DAY)

    assert [message["To"] for message in smtp_sink.messages] == ["bob@example.org"]
    assert Notice.objects.get(person=committed.bea).drop_reason == "This person is no longer concerned."
    assert effect().state == EffectState.DONE


def test_what_was_cut_off_and_then_overtaken_says_that_it_may_have_gone(committed, smtp_sink, monkeypatch):
    """The server took it, and the runner was killed before it could note that."""
    case = committed.requested()
    send = post.Office.send

    def killed(office, message):
        send(office, message)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(post.Office, "send", killed)
        with pytest.raises(SystemExit):
            work()
    cases.withdraw(case=case, actor=committed.alice, at=AT + DAY, reason="Not needed")

    work(AT + DAY)

    came = next(message["Message-ID"] for message in smtp_sink.messages if "Decide by" in message["Subject"])
    notice = Notice.objects.get(message_id=came)
    assert (notice.tried_at, notice.sent_at) == (AT, None)
    assert notice.drop_reason.startswith("Overtaken: the exception is withdrawn. It may have gone before that")
    assert not Notice.objects.exclude(pk=notice.pk).filter(drop_reason__contains="may have gone").exists()


def test_a_refused_retry_leaves_the_attempt_before_it_on_record(committed, smtp_sink, monkeypatch):
    case = committed.requested()
    send = post.Office.send

    def killed(office, message):
        send(office, message)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(post.Office, "send", killed)
        with pytest.raises(SystemExit):
            work()
    smtp_sink.refuses = "451 later"
    work(AT + DAY / 2)
    smtp_sink.refuses = ""
    cases.withdraw(case=case, actor=committed.alice, at=AT + DAY, reason="Not needed")

    work(AT + DAY)

    [dropped] = Notice.objects.filter(drop_reason__contains="may have gone")
    assert dropped.tried_at == AT


def test_after_an_outage_only_the_latest_reminder_is_sent(committed, smtp_sink):
    committed.active()
    work()
    smtp_sink.messages.clear()
    for days in (30, 46, 53, 59):
        sweeps.run_all(sweeps.REMINDERS, name="sweep_reminders", at=AT + days * DAY)

    work(AT + 59.5 * DAY)

    subjects = [message["Subject"] for message in smtp_sink.messages if "Not used" not in message["Subject"]]
    assert subjects == ["[Stopgap] Ends 1 Jan: EXC-2026-0001 Old key in the ERP"]
    assert Effect.objects.filter(drop_reason="Overtaken: a later event says it.").count() == 3


def test_what_waits_and_what_fails_is_seen(committed, smtp_sink):
    committed.requested()
    undispatched = queries.standing().undispatched
    smtp_sink.refuses = "451 later"
    work()

    seen = queries.standing()

    assert undispatched == Event.objects.count()
    assert (seen.undispatched, seen.failing, seen.oldest_at) == (0, 1, AT)
    assert [row.reaction for row in queries.effects("open")] == ["ask_approvers"]


def test_a_programme_manager_has_a_failing_effect_tried_at_once(committed, smtp_sink):
    committed.requested()
    smtp_sink.refuses = "451 later"
    work()
    smtp_sink.refuses = ""

    services.retry(effect=effect(), actor=committed.petra, at=AT + MINUTE / 2)
    work(AT + MINUTE / 2)

    assert effect().state == EffectState.DONE


def test_only_programme_managers_try_again_and_only_what_is_open(committed, smtp_sink):
    committed.requested()
    audrey = person("Audrey", is_auditor=True)
    effects.dispatch(at=AT)

    for outsider in (committed.alice, committed.bob, audrey):
        with pytest.raises(NotAllowed):
            services.retry(effect=effect(), actor=outsider, at=AT)
    work()
    with pytest.raises(NotPossible):
        services.retry(effect=effect(), actor=committed.petra, at=AT)


def test_shelved_events_cause_nothing_and_say_why(stage, smtp_sink):
    stage.requested()

    effects.shelve(at=AT, reason="Demo: not sent.")

    assert set(Effect.objects.values_list("state", "drop_reason")) == {(EffectState.DROPPED, "Demo: not sent.")}
    assert not Pending.objects.exists()
    assert not effects.run_next(at=AT + DAY)


@override_settings(BASE_URL="https://stopgap.example.org")
def test_message_ids_carry_the_address_of_this_installation(committed, smtp_sink):
    committed.requested()

    work()

    assert all(message["Message-ID"].endswith("@stopgap.example.org>") for message in smtp_sink.messages)
