"""A follower that never rests, to be killed in the middle of its work."""

import sys
from pathlib import Path

from hall_server.journal.living_copy import LivingCopy

copy = LivingCopy(Path(sys.argv[1]), Path(sys.argv[2]))
copy.keep_up()
print("follows", flush=True)
while True:
    copy.keep_up()
