"""The models stage: what a model's files hold, and whether they may be used."""
