"""What the doors of payments share."""

from flask import Blueprint

payments_pages = Blueprint("payments", __name__)
