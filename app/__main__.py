"""`python -m app` is `batchscape`."""

from app.cli import main

main()
