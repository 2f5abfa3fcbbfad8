"""``python -m contrib`` is ``contrib``."""

from contrib.cli.main import main

if __name__ == "__main__":
    main()
