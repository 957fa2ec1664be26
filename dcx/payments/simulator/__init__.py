"""A PayGate on this machine, to develop and test against: no money moves."""

from dcx.payments.simulator.app import create_simulator

__all__ = ["create_simulator"]
