"""Values and rules. Imports the standard library only; opens and writes nothing."""
