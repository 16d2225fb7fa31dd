"""Nobody is made an owner against their will, identities go by what they are called elsewhere, vendors are rows."""

import pytest

from accounts.errors import NotAllowed, NotPossible
from audit.models import Event
from catalog import services
from catalog.models import CredentialForm, Environment, Identity, IdentityKind, System, Tier, Vendor
from tests.factories import (
    AT,
    ControlFactory,
    IdentityFactory,
    SystemFactory,
    alice,
    boris,
    dora,
    mallory,
    olive,
    petra,
)

pytestmark = pytest.mark.django_db


def name_owner(identity, owner, **more):
    current = Identity.objects.get(pk=identity.pk)
    return services.change_identity(
        identity=current, version=current.version, actor=petra(), at=AT, owner=owner, **more
    )


def test_who_is_named_as_owner_is_asked_and_the_owner_stays():
    identity = IdentityFactory()

    named = name_owner(identity, alice())

    assert (named.owner, named.owner_asked) == (olive(), alice())


def test_who_accepts_is_the_owner_and_it_is_on_record():
    identity = name_owner(IdentityFactory(), alice())

    services.accept_identity(identity=identity, actor=alice(), at=AT)

    identity.refresh_from_db()
    assert (identity.owner, identity.owner_asked) == (alice(), None)
    event = Event.objects.get(kind="identity.owner_accepted")
    assert event.actor_id == alice().pseudonym
    assert identity.history.latest("history_id").owner == alice()


def test_who_declines_changes_nothing_else():
    identity = name_owner(IdentityFactory(), alice())

    services.decline_identity(identity=identity, actor=alice(), at=AT)

    identity.refresh_from_db()
    assert (identity.owner, identity.owner_asked) == (olive(), None)


@pytest.mark.parametrize("verb", [services.accept_identity, services.decline_identity])
def test_nobody_else_answers_for_them(verb):
    identity = name_owner(IdentityFactory(), alice())

    for person in (mallory(), petra(), olive()):
        with pytest.raises(NotAllowed, match="Only the person asked"):
            verb(identity=identity, actor=person, at=AT)


def test_a_new_identity_has_no_owner_until_one_accepts():
    identity = services.create_identity(
        name="svc-new",
        kind=IdentityKind.API_KEY,
        environment=Environment.PRODUCTION,
        credential_form=CredentialForm.NONE,
        owner=alice(),
        actor=petra(),
        at=AT,
    )

    assert (identity.owner, identity.owner_asked) == (None, alice())
    assert Event.objects.get(kind="identity.created").body["owner_asked"] == str(alice().pseudonym)


def test_naming_the_present_owner_withdraws_the_question():
    identity = name_owner(IdentityFactory(), alice())

    assert name_owner(identity, olive()).owner_asked is None


def test_who_has_left_or_is_the_backup_is_not_asked():
    with pytest.raises(NotPossible):
        name_owner(IdentityFactory(), dora())
    with pytest.raises(NotPossible, match="somebody else than the owner"):
        name_owner(IdentityFactory(), boris())


def test_all_may_be_accepted_at_once():
    for slug in ("svc-a", "svc-b"):
        name_owner(IdentityFactory(slug=slug), alice())

    assert services.accept_identities(actor=alice(), at=AT) == 2
    assert Identity.objects.filter(owner=alice()).count() == 2


def test_an_identity_is_found_by_what_it_is_called_elsewhere():
    arn = "arn:aws:iam::123456789012:role/erp-sync"
    identity = IdentityFactory(slug="svc-erp", owner=None)
    services.change_identity(identity=identity, version=1, actor=petra(), at=AT, external_ids=[arn, "spiffe://a/erp"])

    assert list(Identity.objects.all().search(arn)) == [identity]
    assert list(Identity.objects.all().called("spiffe://a/erp")) == [identity]
    current = Identity.objects.get(pk=identity.pk)
    services.change_identity(identity=current, version=current.version, actor=petra(), at=AT, external_ids=[arn])
    assert not Identity.objects.all().called("spiffe://a/erp").exists()


def test_an_external_id_names_one_identity():
    for slug in ("svc-a", "svc-b"):
        IdentityFactory(slug=slug, owner=None)
    first, second = Identity.objects.order_by("slug")
    services.change_identity(identity=first, version=1, actor=petra(), at=AT, external_ids=["app-1"])

    with pytest.raises(NotPossible, match="svc-a goes by app-1 already") as refusal:
        services.change_identity(identity=second, version=1, actor=petra(), at=AT, external_ids=["app-1"])

    assert "external_ids" in refusal.value.fields


@pytest.mark.parametrize("ids", [["a b"], ["x", "x"], [""], "text", [1], ["\x00"]])
def test_an_external_id_is_one_word(ids):
    with pytest.raises(NotPossible):
        services.change_identity(identity=IdentityFactory(), version=1, actor=petra(), at=AT, external_ids=ids)


def test_systems_are_found_by_their_tags():
    system = SystemFactory(slug="vault")
    services.change_system(system=system, version=1, actor=petra(), at=AT, tags=["pci", "tier-1"])

    assert list(System.objects.all().search("tier-1")) == [system]
    current = System.objects.get(pk=system.pk)
    services.change_system(system=current, version=2, actor=petra(), at=AT, tags=["pci"])
    assert not System.objects.all().search("tier-1").exists()


def test_a_vendor_is_a_row_that_identities_point_to():
    vendor = services.create_vendor(name="Skanna Industri", actor=petra(), at=AT, onboarding_ref="TPRM-1")
    identity = services.change_identity(identity=IdentityFactory(), version=1, actor=petra(), at=AT, vendor=vendor)

    assert (vendor.slug, identity.vendor_shown) == ("skanna-industri", "Skanna Industri")
    assert Event.objects.get(kind="identity.changed").body["changes"]["vendor"]["after"] == "skanna-industri"


def test_a_vendor_once_written_is_shown_until_one_is_named():
    identity = IdentityFactory(vendor_name="Acme")
    assert identity.vendor_shown == "Acme"

    vendor = Vendor.objects.create(name="Acme Ltd", slug="acme")
    services.change_identity(identity=identity, version=1, actor=petra(), at=AT, vendor=vendor)

    assert Identity.objects.get(pk=identity.pk).vendor_shown == "Acme Ltd"


@pytest.mark.parametrize("value", [{"moat": 1}, {"network": 9}, {"network": "high"}, ["network"], {"network": True}])
def test_required_safeguards_are_kinds_with_tiers(value):
    with pytest.raises(NotPossible):
        services.change_control(control=ControlFactory(), version=1, actor=None, at=AT, required_safeguards=value)


def test_a_higher_risk_requires_what_a_lower_one_does():
    control = ControlFactory(required_safeguards={"network": Tier.HIGH, "logging": Tier.LOW})

    assert control.safeguards_required(Tier.LOW) == ["logging"]
    assert set(control.safeguards_required(Tier.HIGH)) == {"network", "logging"}


def test_nobody_frees_themselves_to_judge_by_naming_another_owner():
    identity = IdentityFactory(owner=petra())

    with pytest.raises(NotAllowed, match="somebody else names the owner"):
        name_owner(identity, alice())
