"""The images stage: which images a project refers to, and whether they may be used."""
