"""The version: written here once. The build reads it from this file, and so nothing pays 50 ms for its metadata."""

__version__ = "0.1.0"
