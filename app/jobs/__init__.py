"""Computing: the service, its caches, its threads and its workers."""
