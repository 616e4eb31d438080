"""What happens first when several things fall on the same instant."""

from enum import IntEnum


class Order(IntEnum):
    """Order of events at one instant; within one kind, by contact number.

    Real logs count in whole seconds, so ties are normal. Control changes (a shift ends, agents
    move) come first; then agents become free, then customers give up, then bot sessions end,
    then waits reach their thresholds, then outbound calls are answered or given up, records come
    due again and lists open, callbacks are answered or not and come due, those who wait for an
    agent after an outbound call hang up, and last new contacts arrive.
    """

    CONTROL = 0
    SERVICE_END = 1
    ABANDONMENT = 2
    BOT_END = 3
    WAIT_THRESHOLD = 4
    DIALLER = 5
    ARRIVAL = 6


class Stop(IntEnum):
    """Why the kernel came back to its caller."""

    LIMIT = 0  # every contact event before the limit is done
    DECIDE = 1  # a Python policy must decide
    QUEUE_EXCEEDS = 2  # a watched queue has grown longer than its level
    CONTACT_ENDED = 3  # a submitted contact has come to its end
    BUFFER_FULL = 4  # the heaps need more room
