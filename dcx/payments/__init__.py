"""Payments: money that customers send through the gateway, cards they keep there, and proof."""
