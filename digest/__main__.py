"""`python -m digest` is the command `digest`."""

from digest.cli import main

# Processes that a command starts read this module again, as another name.
if __name__ == "__main__":
    main(prog_name="digest")
