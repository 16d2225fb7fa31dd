"""Founds Norrsken Freight: everyone and everything is opened through the services by the programme manager."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import services as accounts
from accounts.models import User
from catalog import services as catalog
from catalog.models import Control
from catalog.starter import StarterControl
from intake import services as imports
from intake.models import ImportRun
from workflows.demo.cast import (
    DOMAIN,
    GROUP_OF,
    GROUPS,
    IDENTITIES,
    LEADS,
    OLD_SHEET,
    OWNER_OF_GROUP,
    PEOPLE,
    SIGN_IN,
    SYSTEMS,
    VENDORS,
)
from workflows.demo.scene import Scene


def found(scene: Scene, at: datetime) -> None:
    """People, groups, controls, systems and identities, each by its service, opened by the programme manager."""
    _people(scene, at)
    petra = scene.people["petra"]
    for key, (name, description, members) in GROUPS.items():
        group = accounts.create_group(name=name, description=description, actor=petra, at=at)
        for member in members:
            accounts.add_member(group=group, member=scene.people[member], actor=None, at=at)
        scene.groups[key] = group
    scene.groups["fallback"] = accounts.set_fallback(group=scene.groups["fallback"], actor=None, at=at)
    _controls(scene, at)
    _catalog(scene, at)


def _people(scene: Scene, at: datetime) -> None:
    """Petra opens the accounts, but of programme managers: whose account she made accepts nothing of hers."""
    for person in PEOPLE:
        founder = None if person.roles.get("is_programme_manager") else scene.people["petra"]
        if person.team not in scene.teams:
            scene.teams[person.team] = accounts.create_team(name=person.team, actor=founder, at=at)
        scene.people[person.handle] = accounts.create_user(
            actor=founder,
            at=at,
            email=f"{person.handle}@{DOMAIN}",
            name=person.name,
            team=scene.teams[person.team],
            manager=scene.people.get(person.manager),
            time_zone="Europe/Stockholm",
            **person.roles,
        )
    for team, lead in LEADS.items():
        accounts.change_team(team=scene.teams[team], actor=scene.people["petra"], at=at, lead=scene.people[lead])
    one_hash = make_password(SIGN_IN)  # hashing it for each of them would take seconds
    User.objects.filter(pk__in=[user.pk for user in scene.people.values()]).update(password=one_hash)


def _group_key(code: str) -> str:
    return GROUP_OF.get(code.split("-")[1], "platform")


def _controls(scene: Scene, at: datetime) -> None:
    def group_for(starter: StarterControl) -> Any:
        return scene.groups[_group_key(starter.code)]

    petra = scene.people["petra"]
    catalog.load_frameworks(actor=petra, at=at)
    catalog.load_starter(actor=petra, at=at, group_for=group_for)
    for control in Control.objects.order_by("pk"):
        owner = scene.people[OWNER_OF_GROUP[_group_key(control.code)]]
        scene.controls[control.code] = catalog.change_control(
            control=control, version=control.version, actor=petra, at=at, owner=owner
        )


def _from_the_old_sheet(scene: Scene, at: datetime) -> None:
    """What stood in a spreadsheet before: imported, then accepted by those who are named."""
    petra = scene.people["petra"]
    table = SimpleUploadedFile("machine-identities.csv", OLD_SHEET)
    run = imports.upload(kind="identities", upload=table, actor=petra, at=at)
    for verb in (partial(imports.check, mapping=run.mapping), imports.confirm):
        verb(run=run, actor=petra, at=at)
        imports.work(run=ImportRun.objects.get(pk=run.pk), at=at)
    for handle in sorted({person.handle for person in PEOPLE}):
        catalog.accept_identities(actor=scene.people[handle], at=at)


def _catalog(scene: Scene, at: datetime) -> None:
    petra = scene.people["petra"]
    for slug, (name, environment, criticality, owner, description) in SYSTEMS.items():
        scene.systems[slug] = catalog.create_system(
            actor=petra,
            at=at,
            slug=slug,
            name=name,
            environment=environment,
            criticality=criticality,
            owner=scene.people[owner],
            description=description,
        )
    vendors = {details["name"]: catalog.create_vendor(actor=petra, at=at, **details) for details in VENDORS}
    for slug, (name, kind, owner, environment, form, vendor, description) in IDENTITIES.items():
        identity = catalog.create_identity(
            actor=petra,
            at=at,
            slug=slug,
            name=name,
            kind=kind,
            owner=scene.people[owner],
            team=scene.people[owner].team,
            environment=environment,
            credential_form=form,
            vendor=vendors.get(vendor),
            description=description,
        )
        scene.identities[slug] = catalog.accept_identity(identity=identity, actor=scene.people[owner], at=at)
    _from_the_old_sheet(scene, at)
