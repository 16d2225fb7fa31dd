"""OSCAL catalogs are read alike from JSON and XML, and what is none is refused with its place."""

import json

import pytest

from catalog import oscal
from catalog.shipped import Entry

XML = """<?xml version="1.0" encoding="UTF-8"?>
<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0" uuid="a">
  <metadata><title>House  rules</title><version>3.1</version></metadata>
  <group id="ks" class="family"><title>Keys</title>
    <control id="ks-2" class="rule"><title>Turn keys</title>
      <param id="p1"><label>days</label></param>
      <param id="p2"><select><choice>a machine</choice>
        <choice>after <insert type="param" id-ref="p1"/></choice></select></param>
      <prop name="label" class="zero-padded" value="KS-02"/><prop name="label" value="KS-2"/>
      <part name="statement"><p>Turn each key:</p>
        <part name="item"><prop name="label" value="a."/><p>every <insert type="param" id-ref="p1"/> ; and</p></part>
        <part name="item"><prop name="label" value="b."/><p>by <insert type="param" id-ref="p2"/>.</p></part>
      </part>
      <part name="guidance"><p>Not part of it.</p></part>
      <control id="ks-2.1" class="rule"><title>Old keys</title>
        <prop name="label" value="KS-2(1)"/><prop name="status" value="withdrawn"/>
      </control>
    </control>
  </group>
</catalog>"""
JSON = {
    "catalog": {
        "uuid": "a",
        "metadata": {"title": "House rules", "version": "3.1"},
        "groups": [
            {
                "id": "ks",
                "class": "family",
                "title": "Keys",
                "controls": [
                    {
                        "id": "ks-2",
                        "class": "rule",
                        "title": "Turn keys",
                        "params": [
                            {"id": "p1", "label": "days"},
                            {"id": "p2", "select": {"choice": ["a machine", "after {{ insert: param, p1 }}"]}},
                        ],
                        "props": [
                            {"name": "label", "class": "zero-padded", "value": "KS-02"},
                            {"name": "label", "value": "KS-2"},
                        ],
                        "parts": [
                            {
                                "name": "statement",
                                "prose": "Turn each key:",
                                "parts": [
                                    {
                                        "name": "item",
                                        "props": [{"name": "label", "value": "a."}],
                                        "prose": "every  {{ insert: param, p1 }} ; and",
                                    },
                                    {
                                        "name": "item",
                                        "props": [{"name": "label", "value": "b."}],
                                        "prose": "by {{ insert: param, p2 }}.",
                                    },
                                ],
                            },
                            {"name": "guidance", "prose": "Not part of it."},
                        ],
                        "controls": [
                            {
                                "id": "ks-2.1",
                                "class": "rule",
                                "title": "Old keys",
                                "props": [
                                    {"name": "label", "value": "KS-2(1)"},
                                    {"name": "status", "value": "withdrawn"},
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
    }
}
ENTRIES = (
    Entry(code="KS", title="Keys", level="family"),
    Entry(
        code="KS-2",
        title="Turn keys",
        parent="KS",
        level="rule",
        text="Turn each key:\na. every [days]; and\nb. by [a machine / after [days]].",
    ),
    Entry(code="KS-2(1)", title="Old keys", parent="KS-2", level="rule", is_withdrawn=True),
)


@pytest.mark.parametrize(
    "content", [XML.encode(), json.dumps(JSON).encode(), b"\xef\xbb\xbf" + json.dumps(JSON).encode()]
)
def test_both_forms_read_the_same(content):
    catalog = oscal.read(content)

    assert (catalog.title, catalog.edition) == ("House rules", "3.1")
    assert catalog.entries == ENTRIES


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Line 1 is not JSON"),
        (b'{"catalog":\n  {,', "Line 2 is not JSON"),
        (b"[1]", "no OSCAL catalog"),
        (b'{"catalog": {}}', "no metadata"),
        (b'{"catalog": {"metadata": {"title": "T"}}}', "no groups"),
        (b'{"catalog": {"metadata": {"title": "T"}, "groups": [7]}}', "not built as OSCAL says"),
        (b'{"catalog": {"metadata": {"title": "T"}, "groups": [{"title": "no id"}]}}', "not built as OSCAL says"),
        (b"\xff\xfe{}", "neither UTF-8"),
        (b"[" * 200_000, "too deeply"),
        (b"<catalog>\n<open></catalog>", "Line 2 is not XML"),
        (b"<catalog/>", "no OSCAL catalog"),
        (b'<!DOCTYPE c [<!ENTITY a "aaaa">]><c>&a;</c>', "document type or entities"),
        (b'<!DOCTYPE c SYSTEM "file:///etc/passwd"><c/>', "document type or entities"),
        (b'<?xml version="1.0" encoding="no-such"?><c/>', "encoding is not known"),
        (
            b'<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0">'
            + b'<group id="a">' * 30
            + b"</group>" * 30
            + b"</catalog>",
            "too deeply",
        ),
    ],
)
def test_what_is_no_catalog_is_refused_with_a_sentence(content, words):
    with pytest.raises(oscal.Unreadable) as refusal:
        oscal.read(content)

    assert words in str(refusal.value)
    assert str(refusal.value).endswith(".") or "not JSON" in str(refusal.value)


@pytest.mark.parametrize(
    ("control", "what"),
    [
        ({"id": "x" * 61}, "1 to 60 letters"),
        ({"id": "a1" * 30}, "1 to 60 letters"),
        ({"id": "\u2014"}, "Latin letter or digit"),
        ({"id": "a-1", "title": "\ud800"}, "cannot be kept"),
        ({"id": "a-1", "title": "x\0"}, "cannot be kept"),
        ({"id": "a-\ud800"}, "cannot be kept"),
        ({"id": "a-1", "class": 5}, "not built as OSCAL says"),
        ({"id": "a-1", "class": "\0"}, "cannot be kept"),
        ({"id": "a-1", "parts": [{"name": "statement", "prose": "\0"}]}, "cannot be kept"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence(control, what):
    document = {"catalog": {"metadata": {"title": "House"}, "controls": [control]}}

    with pytest.raises(oscal.Unreadable, match=what) as refused:
        oscal.read(json.dumps(document).encode())

    str(refused.value).encode()


@pytest.mark.parametrize("title", [" ", "\0", "\ud800"])
def test_a_catalog_without_a_title_to_keep_is_refused(title):
    document = {"catalog": {"metadata": {"title": title}, "controls": [{"id": "a-1"}]}}

    with pytest.raises(oscal.Unreadable):
        oscal.read(json.dumps(document).encode())


def test_a_blank_title_is_none_and_an_endless_number_is_refused():
    document = {"catalog": {"metadata": {"title": "House"}, "controls": [{"id": "a-1", "title": " "}]}}
    assert oscal.read(json.dumps(document).encode()).entries[0].title == "A-1"

    with pytest.raises(oscal.Unreadable):
        oscal.read(b'{"catalog": ' + b"9" * 5000 + b"}")
