"""The version of takeoff, kept where everything may import it."""

__version__ = "0.1.0"
