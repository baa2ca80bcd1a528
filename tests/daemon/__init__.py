"""Tests that run the real programs: a till, a shop and the daemon between them, killed, starved and misled."""
