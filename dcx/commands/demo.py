"""`flask demo`: load the demo provider."""

import click

from dcx import demo as provider
from dcx.commands.speech import on_databases
from dcx.settings import ROOT


@click.command("demo", help="Load the demo provider; repeating it changes nothing.")
@on_databases
def demo() -> None:
    folder = ROOT / "instance"
    folder.mkdir(exist_ok=True)
    password = provider.demo_password(folder)
    signins = provider.load(password)
    click.echo("The demo provider is loaded. Sign in as:")
    for line in signins:
        click.echo(f"  {line}")
    click.echo(f"  password of each: {password}")
