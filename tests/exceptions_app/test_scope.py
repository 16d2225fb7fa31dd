"""One scope grammar, one matcher."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exceptions_app import scope

PART = st.text("ab.", min_size=0, max_size=2)
PATH = st.lists(PART, min_size=1, max_size=4).map("/".join)
PATTERN = st.one_of(PATH, PATH.map(lambda path: f"{path}/*")).filter(lambda text: scope.problem(text) is None)
LITERAL = PATH.filter(lambda text: scope.problem(text) is None)


def slow(pattern, resource):
    """The grammar said again, character by character."""
    if not pattern.endswith("*"):
        return list(pattern) == list(resource)
    stem = pattern[:-1]
    return len(resource) > len(stem) and all(a == b for a, b in zip(stem, resource, strict=False))


@given(PATTERN, LITERAL)
def test_matching_is_what_the_grammar_says(pattern, resource):
    assert scope.matches(pattern, resource) == slow(pattern, resource)


@given(PATTERN)
def test_covering_is_reflexive(pattern):
    assert scope.covers(pattern, pattern)


@given(PATTERN, PATTERN, PATTERN)
def test_covering_is_transitive(one, two, three):
    if scope.covers(one, two) and scope.covers(two, three):
        assert scope.covers(one, three)


@given(LITERAL, LITERAL, LITERAL, st.lists(st.booleans(), min_size=3, max_size=3))
def test_covering_is_transitive_along_a_path(one, two, three, stars):
    """As above, over patterns that do lie on one path."""
    paths = [one, f"{one}/{two}", f"{one}/{two}/{three}"]
    a, b, c = (f"{path}/*" if star else path for path, star in zip(paths, stars, strict=True))
    if scope.covers(a, b) and scope.covers(b, c):
        assert scope.covers(a, c)


@given(PATTERN, PATTERN)
def test_covering_is_antisymmetric(one, two):
    if scope.covers(one, two) and scope.covers(two, one):
        assert one == two


@given(PATTERN, PATTERN, LITERAL)
def test_what_is_covered_matches_no_more(wide, narrow, resource):
    if scope.covers(wide, narrow) and scope.matches(narrow, resource):
        assert scope.matches(wide, resource)


@pytest.mark.parametrize(
    ("pattern", "resource", "falls_under"),
    [
        ("kv/erp/key", "kv/erp/key", True),
        ("kv/erp/key", "kv/erp/KEY", False),
        ("kv/erp/key", "kv/erp/key2", False),
        ("kv/erp/*", "kv/erp/key", True),
        ("kv/erp/*", "kv/erp/a/b/c", True),
        ("kv/erp/*", "kv/erp", False),
        ("kv/erp/*", "kv/erp/", False),
        ("kv/erp/*", "kv/erp2/key", False),
        ("kv/erp/*", "kv/erp/../prod/key", False),
        ("kv/erp/*", "kv/erp/./key", False),
        ("kv/erp/*", "kv/erp/*", False),
        ("kv/erp/*", "kv/erp/k\u00a0ey", False),
        ("kv/*/key", "kv/x/key", False),
        ("*", "anything", False),
        ("/*", "/anything", False),
        ("", "", False),
    ],
)
def test_examples(pattern, resource, falls_under):
    assert scope.matches(pattern, resource) is falls_under


@pytest.mark.parametrize(
    "pattern",
    ["", "*", "/*", "//*", "a*", "a/b*", "*/a", "a/*/b", "a/**", "a/*/*", "a b", "a/..", "./a", "x" * 501],
)
def test_what_is_not_in_the_grammar_is_named(pattern):
    assert scope.problem(pattern)


@pytest.mark.parametrize("pattern", ["a", "a/*", "/a/*", "a:b/c", "arn:aws:s3:::bucket/*", "ä/ö", "x" * 500])
def test_what_is_in_the_grammar_is_taken(pattern):
    assert scope.problem(pattern) is None
