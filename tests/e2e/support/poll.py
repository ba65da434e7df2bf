"""Waiting for a condition instead of for a time."""

import time


def until(condition, what, seconds=20.0, every=0.01):
    """Calls `condition` until it answers something true, and gives that. Fails with `what` after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(every)
