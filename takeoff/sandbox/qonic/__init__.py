"""Qonic's read side, from the contract of its Models API v1."""
