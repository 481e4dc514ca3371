"""``python -m monitor.cli`` is ``upheld``."""

from monitor.cli import main

if __name__ == "__main__":
    main(prog_name="upheld")
