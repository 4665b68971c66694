"""Makes `python -m inkdigits` the same command as `inkdigits`."""

from inkdigits.cli import main

if __name__ == "__main__":  # worker processes import this file too, and must not start the command again
    main()
