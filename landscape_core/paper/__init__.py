"""All that belongs to Kafka & Wilke (2019) alone."""
