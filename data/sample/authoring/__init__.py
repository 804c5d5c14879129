"""Writes the sample building and its truth, without any help of the reader under test."""
