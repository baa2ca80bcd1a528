"""Contracts that several implementations keep, as classes of tests."""
