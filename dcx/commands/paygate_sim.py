"""`flask paygate-sim`: a PayGate on this machine, to try paying."""

from pathlib import Path

import click

from dcx.payments.simulator.serve import serve
from dcx.settings import ROOT


@click.command("paygate-sim")
@click.option("--port", default=5001, envvar="SIMULATOR_PORT", show_default=True)
@click.option(
    "--book",
    type=click.Path(dir_okay=False, path_type=Path),
    default=ROOT / "instance" / "paygate.json",
    help="The file that remembers payments and kept cards.",
)
@click.option("--until-closed", is_flag=True, help="End when standard input ends.")
def paygate_sim(port: int, book: Path, *, until_closed: bool) -> None:
    """Simulate PayGate on loopback until it is stopped: no money moves."""
    click.echo(f"PayGate is simulated at http://127.0.0.1:{port}: no money moves.")
    serve(port, book, until_closed=until_closed)
