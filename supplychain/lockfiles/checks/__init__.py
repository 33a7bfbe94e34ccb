"""Checks on lock files and install commands, one family a module."""
