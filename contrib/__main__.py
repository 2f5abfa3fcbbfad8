"""``python -m contrib`` is ``contrib``."""

from contrib.cli.start import main

if __name__ == "__main__":
    main()
