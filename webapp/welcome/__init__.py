"""The home page: name, greeting, preferences, where you come from."""
