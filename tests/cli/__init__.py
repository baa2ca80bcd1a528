"""Tests of the command line's own words: formats and exit statuses. The commands themselves are tested in `daemon`."""
