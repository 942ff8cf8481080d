"""HTTP: validation, limits, headers, compression and health checks."""
