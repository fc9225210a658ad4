"""Bad inputs collected elsewhere; a checkout on its own does without, and skips what needs them."""

import pytest

from tests.conftest import SHARED

CORPORA = SHARED / "corpora"

needs_corpora = pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the collected bad inputs are not at {CORPORA}")
