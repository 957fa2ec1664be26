"""DCX, the billing desk of a cloud provider: raw logs in, a bill that anyone can check out."""
