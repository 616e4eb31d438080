"""The changes of the staffing plan, carried out one instant after the other; compiled."""

from enum import IntEnum

from simcc.engine.head_counts import change_head_count
from simcc.engine.hours import set_hours
from simcc.engine.people import BREAK_END, SHIFT_START, bring_on, send_off
from simcc.engine.records import BREAK, NEXT_CHANGE, SHIFT_OVER
from simcc.jit import jit


class Control(IntEnum):
    """What a row of the plan does; at one instant and for one agent, smaller first."""

    COME = 0
    RESUME = 1
    PAUSE = 2
    LEAVE = 3
    COUNT = 4
    HOURS = 5


COME, RESUME, PAUSE, LEAVE, COUNT, HOURS = (int(what) for what in Control)


@jit
def follow_plan(center, queues, agents):
    """Carry out all changes at the next instant of the plan, which becomes the present."""
    plan = center.plan
    row = queues.count[NEXT_CHANGE]
    at = plan.at[row]
    queues.clock[0] = at
    while plan.at[row] == at:
        what, who = plan.what[row], plan.who[row]
        if what == COUNT:
            luck, start = agents.leave_luck, plan.luck[row]
            change_head_count(agents, queues, plan, who, plan.by[row], luck, start)
        elif what == HOURS:
            set_hours(queues, agents, who, plan.by[row])
        elif what == LEAVE:
            send_off(agents, queues, who, SHIFT_OVER)
        elif what == PAUSE:
            send_off(agents, queues, who, BREAK)
        elif what == COME:
            bring_on(agents, queues, who, SHIFT_START)
        else:
            bring_on(agents, queues, who, BREAK_END)
        row += 1
    queues.count[NEXT_CHANGE] = row
