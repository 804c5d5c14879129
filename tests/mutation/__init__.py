"""Mutants of the modules on which right numbers rest, and which of them the tests notice."""
