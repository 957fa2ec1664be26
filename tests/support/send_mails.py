"""Sends the mails that are due, in a process that can be killed."""

from app import app
from dcx.notifications import jobs


def main() -> None:
    settings = app.config["DCX"]
    with app.app_context():
        jobs.send_waiting(settings.smtp_url, settings.mail_from, name=settings.provider)


if __name__ == "__main__":
    main()
