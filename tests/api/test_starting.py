"""What every process of the service does not do when it starts."""

import sys

import pytest
from tastypie import resources

import api.resources.base  # noqa: F401 - with everything that it imports

pytestmark = pytest.mark.no_database


def test_no_compiler_is_run_to_look_for_gdal():
    """GeoDjango does that wherever it is imported, and tastypie tries to."""
    assert resources.GeometryField is None
    assert "django.contrib.gis" not in sys.modules
