"""Entry point of `python -m app`, the same as `batchscape`."""

from app.cli import main

main()
