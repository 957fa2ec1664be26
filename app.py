"""The WSGI entrance: `flask ...` and gunicorn find the application here."""

from dcx.factory import create_app

app = create_app()
