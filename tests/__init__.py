"""The tests of Recado."""
