"""Limits that more than one module keeps. Each has a unit and a reason; none is ever absent."""

from __future__ import annotations

MIB = 1024 * 1024

MAX_TEXT_FILE = 4 * MIB  # bytes of a Dockerfile or compose file; real ones stay below 200 kB
MAX_CONFIG_FILE = 1 * MIB  # bytes of a policy, fleet or waiver file
MAX_LOCK_FILE = 32 * MIB  # bytes of supplychain.lock, about 30,000 references
MAX_TREE_NAMES = 200_000  # files in one project
MAX_REFERENCES = 10_000  # distinct image references in one run
MAX_MANIFEST = 4 * MIB  # bytes; distribution-spec asks registries to accept at least this
MAX_IMAGE_CONFIG = 8 * MIB  # bytes; the largest seen has 0.2 MB
MAX_INDEX_ENTRIES = 1_000  # manifests in one index; the largest official image has about 40
MAX_LAYERS = 1_000  # layers of one image; overlayfs mounts at most 500, Docker refuses over 127
