"""What every room may write: job runs, idempotency keys, throttles."""
