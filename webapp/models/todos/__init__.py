"""To-dos: tables and plain functions."""
