"""Measurements of the shipped reader on pictures that we make ourselves."""
