"""Tests of the page, in a browser: a package, since they share one Chromium and one server."""
