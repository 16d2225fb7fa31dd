"""Mallory's ways to have evidence read that is not what was attached (promise 11)."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from exceptions_app import services
from tests.exceptions_app.world import START

pytestmark = pytest.mark.django_db


def test_a_file_that_was_exchanged_on_disk_is_not_handed_out(client, world):
    case = world.draft()
    upload = SimpleUploadedFile("scan.txt", b"No finding.")
    item = services.attach_file(case=case, actor=world.alice, at=START, title="Scan", upload=upload)
    client.force_login(world.audrey)
    address = f"/exceptions/{case.reference}/evidence/{item.pk}/"
    assert b"".join(client.get(address)) == b"No finding."

    Path(item.file.path).write_bytes(b"Ten findings.")
    answer = client.get(address)

    assert answer.status_code == 409
    assert b"Ten findings." not in answer.content
    assert "not the one that was attached" in answer.content.decode()
