"""The same small to-do list as Flask, Flask-Session and Django have it by default, for `bench.exactly_once`."""
