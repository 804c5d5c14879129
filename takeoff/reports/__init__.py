"""Reports: find a query, read its header, run it, check it, and look behind its lines."""
