"""`python -m bench.dashboard`."""

import sys

from bench.dashboard import main

sys.exit(main(sys.argv[1:]))
