"""The API: resources of tastypie's, and what they need."""

import sys

# tastypie looks for GeoDjango, which looks for GDAL by running compilers and linkers: in every process, at its start.
# Nothing here is on a map.
sys.modules.setdefault("django.contrib.gis.db.models.fields", None)  # type: ignore[arg-type]
