"""The lake: evidence, tables and manifests on a local file system.

A commit is the exclusive creation of one small manifest; whatever no manifest names is not there.
Files that a manifest names are written once and never changed.
"""
