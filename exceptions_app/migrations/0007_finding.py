"""What cases are found by: their words, and the groups asked about them. Takes the place of the words of titles."""

import re
import unicodedata
from collections import defaultdict
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

WORDS = "array_to_tsvector(string_to_array(words, ' '))"
TITLE_WORDS = "to_tsvector('simple'::regconfig, COALESCE(title, ''))"
BATCH = 1000
CASE = (
    *("title", "blocked", "normal_path", "justification", "if_conditions_change", "exit_plan", "excess"),
    *("excess_reason", "change_ref", "incident_ref", "ticket_ref", "control__code", "control__title"),
    *("identity__name", "identity__slug", "identity__vendor__name", "identity__vendor_name"),
)
GRANT = ("resource", "conditions", "system__name", "system__slug", "actions")


def add_index(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Words go into their place at once: a search need not read a list of late ones."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX case_title_words")
        schema_editor.execute(
            f"CREATE INDEX wording_words ON exceptions_app_wording USING gin ({WORDS}) WITH (fastupdate = off)"
        )


def drop_index(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX wording_words")
        schema_editor.execute(
            f"CREATE INDEX case_title_words ON exceptions_app_exceptioncase USING gin ({TITLE_WORDS})"
            " WITH (fastupdate = off)"
        )


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Both tables as they follow from what is there."""
    texts: dict[int, list[Any]] = defaultdict(list)
    for key, *said in _rows(apps, "ExceptionCase").values_list("pk", *CASE):
        texts[key] += said
    for key, *said, actions in _rows(apps, "Grant").values_list("case", *GRANT):
        texts[key] += [*said, *actions]
    for key, said in _rows(apps, "Safeguard").values_list("case", "description"):
        texts[key].append(said)
    rows = [_rows(apps, "Wording").model(case_id=key, words=words(said)) for key, said in sorted(texts.items())]
    _rows(apps, "Wording").bulk_create(rows, batch_size=BATCH)
    pairs = sorted(set(_rows(apps, "Step").values_list("route__case", "group")))
    asked = [_rows(apps, "AskedGroup").model(case_id=case, group_id=group) for case, group in pairs]
    _rows(apps, "AskedGroup").bulk_create(asked, batch_size=BATCH)


def _rows(apps: StateApps, name: str) -> models.Manager[Any]:
    rows: models.Manager[Any] = apps.get_model("exceptions_app", name)._base_manager
    return rows


def words(texts: list[Any]) -> str:
    said = unicodedata.normalize("NFKC", " ".join(map(str, filter(None, texts)))).casefold()
    return " ".join(list(dict.fromkeys(word[:60] for word in re.findall(r"[^\W_]+", said)))[:5000])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("catalog", "0004_vendors_and_limits"),
        ("exceptions_app", "0006_unclaimed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Wording",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="wording",
                        serialize=False,
                        to="exceptions_app.exceptioncase",
                    ),
                ),
                ("words", models.TextField()),
            ],
            options={"verbose_name": "wording"},
        ),
        migrations.CreateModel(
            name="AskedGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asked_groups",
                        to="exceptions_app.exceptioncase",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.approvergroup",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("group", "case"), name="asked_group_once_a_case")]
            },
        ),
        migrations.AddIndex(
            model_name="exceptioncase",
            index=models.Index(fields=["state", "-created_at", "-id"], name="case_state_newest"),
        ),
        migrations.RunPython(add_index, drop_index),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
