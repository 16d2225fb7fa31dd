"""Addresses of the queue."""

from __future__ import annotations

from django.urls import path

from portal.queue import bulk, pages

urlpatterns = [
    path("queue/", pages.queue, name="queue"),
    path("queue/approval/", bulk.approval, name="queue_approval"),
]
