"""The porch: name, greeting, preferences, where you come from."""
