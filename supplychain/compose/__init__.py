"""The compose stage: how services run."""
