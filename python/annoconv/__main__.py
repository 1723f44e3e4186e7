"""The command line program: `annoconv …` and `python -m annoconv …`."""

import signal
import sys

from annoconv import _annoconv


def main() -> int:
    """Runs the program with the arguments of this process. Returns the exit status."""
    # Python would only note Ctrl-C, and wait for the program to end. A run that writes has a handler of
    # its own, which clears away what it has prepared; this is for the rest.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _annoconv.main(["annoconv", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
