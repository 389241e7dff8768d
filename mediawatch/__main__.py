"""`python -m mediawatch` is the command line."""

from mediawatch.cli import main

main()
