"""Runs calls at the same moment, each on a connection of its own, and keeps what each answered or refused."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from accounts.errors import Refusal


def race(calls):
    """What each call answered, or the refusal it raised, in order; raises anything else a call raised."""
    barrier = Barrier(len(calls))

    def run(call):
        try:
            barrier.wait(timeout=60)
            return call()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def refusals(results):
    return [result for result in results if isinstance(result, Refusal)]


def answers(results):
    return [result for result in results if not isinstance(result, Refusal)]
