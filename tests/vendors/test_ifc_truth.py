"""The public models against truth tables that others made: every row, figure and total."""

from __future__ import annotations

import csv
import gzip
import math
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from vendor_ifc import decoded

from tests_shared import models_of  # noqa: F401
