"""What bookings moved at the gateway, for the room that compares it with payments."""

from dcx.wallet.repository.at_gateway import at_gateway

__all__ = ["at_gateway"]
