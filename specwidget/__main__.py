"""`python -m specwidget` is the command `specwidget`."""

import sys

from specwidget.cli import main

sys.exit(main())
