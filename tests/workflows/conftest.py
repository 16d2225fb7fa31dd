"""The stage on which these tests play."""

import pytest

from tests.workflows import stage as company


@pytest.fixture
def stage(db):
    return company.build()


@pytest.fixture
def committed(transactional_db):
    """The same stage where every service really commits, as it does when effects run."""
    return company.build()
