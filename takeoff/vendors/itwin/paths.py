"""The roots of the vendor's paths, for asking and for reading alike."""

from __future__ import annotations

GROUPING = "/grouping-and-mapping"
MAPPINGS = f"{GROUPING}/datasources/imodel-mappings"
REPORTING = "/insights/reporting"
OLD = f"{REPORTING}/datasources"
# The client's own record of what it asked for; it is no answer, and so no request path.
ASKED = "itwin-asked.json"
