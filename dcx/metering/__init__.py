"""Raw logs in bronze, folded into usage segments in main."""
