"""The WSGI entry point: any server runs `wsgi:app`."""

from webapp import create_app

app = create_app()
