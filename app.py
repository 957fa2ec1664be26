"""The WSGI entrance: `flask ...` and gunicorn find the application here."""

import sys

from dcx.factory import create_app
from dcx.settings import SettingsError

try:
    app = create_app()
except SettingsError as error:
    sys.exit(str(error))
