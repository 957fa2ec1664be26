"""Every statement of payments."""
