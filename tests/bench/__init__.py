"""The benchmark room: `python -m tests.bench` races the ways from a service to Parquet.

Every figure is a ratio between ways that ran in turn, in one run, on one machine.
"""
