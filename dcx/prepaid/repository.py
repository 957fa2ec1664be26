"""Every statement of prepaid."""
