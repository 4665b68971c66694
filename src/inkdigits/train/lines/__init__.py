"""The network that reads a whole line of digits: what it learns from, what it is, and how it learns."""
