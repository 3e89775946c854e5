"""`python -m command_line` is the `paihao` command."""

from command_line.main import main

main()
