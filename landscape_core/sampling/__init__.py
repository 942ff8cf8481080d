"""Mini-batches, drawn from urns: without or with replacement, or by an epoch's shuffle."""
