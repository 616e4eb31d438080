"""Agents: idle lists per group (longest idle first), coming and going; compiled.

``due`` says what an agent does when free: stay, go on a break, or end the shift; it also marks
those off duty. An agent with a roster (``counted`` is 0) comes and goes by it, in whatever group;
everybody else is counted in the group that he or she works for. ``owed`` is the number of
departures that a group's lowered head count still waits for, see :mod:`simcc.engine.head_counts`.
"""

from simcc.engine.linked import take_out
from simcc.engine.records import (
    ATTENTION,
    BREAK,
    N_PENDING,
    N_ROWS,
    OFF,
    SHIFT_OVER,
    STAYS,
)
from simcc.jit import jit, jit_apart, jit_inner
from simcc.log import AgentEvent

# values of Agents.pending, but for 0
SOMEBODY_CAME, SOMETHING_CAME = 1, 2
SHIFT_START = int(AgentEvent.SHIFT_START)
SHIFT_END = int(AgentEvent.SHIFT_END)
BREAK_START = int(AgentEvent.BREAK_START)
BREAK_END = int(AgentEvent.BREAK_END)
LEFT = int(AgentEvent.LEFT)
MOVED = int(AgentEvent.MOVED)


@jit_apart
def note(agents, queues, a, g, scheduled, present, paid, reason):
    """Add a row to the agent log."""
    row = queues.count[N_ROWS]
    agents.row_at[row] = queues.clock[0]
    agents.row_agent[row] = a
    agents.row_group[row] = g
    agents.row_scheduled[row] = scheduled
    agents.row_present[row] = present
    agents.row_paid[row] = paid
    agents.row_reason[row] = reason
    queues.count[N_ROWS] = row + 1


@jit_inner
def become_idle(agents, a, g, now):
    """Put agent a on group g's idle list, behind those with no less attention left."""
    agents.idle_since[a] = now
    before, behind = agents.tail[g], -1
    while before >= 0 and agents.used[before] > agents.used[a]:
        before, behind = agents.previous[before], before
    agents.previous[a] = before
    agents.next[a] = behind
    if before < 0:
        agents.head[g] = a
    else:
        agents.next[before] = a
    if behind < 0:
        agents.tail[g] = a
    else:
        agents.previous[behind] = a
    agents.n_idle[g] += 1


@jit_inner
def leave_idle(agents, a, g):
    """Take agent a out of group g's idle list."""
    take_out(agents.head, agents.tail, agents.next, agents.previous, g, a)
    agents.previous[a] = -1
    agents.n_idle[g] -= 1


@jit_inner
def take_idle(agents, g):
    """Take the agent idle longest out of group g's idle list."""
    a = agents.head[g]
    behind = agents.next[a]
    agents.head[g] = behind
    if behind < 0:
        agents.tail[g] = -1
    else:
        agents.previous[behind] = -1
    agents.n_idle[g] -= 1
    return a


@jit_inner
def come_idle(agents, queues, a, g):
    """Agent a can take more; group g looks at its queues before the next event."""
    become_idle(agents, a, g, queues.clock[0])
    look_again(agents, queues, g)


@jit_inner
def look_again(agents, queues, g):
    """Let group g look at its queues before the next event."""
    if agents.pending[g] == 0:
        agents.pending[g] = SOMEBODY_CAME
        queues.count[N_PENDING] += 1


@jit_apart
def let_idle_look(agents, queues):
    """Let all groups with idle agents look at queues and lists before the next event."""
    for g in range(agents.pending.size):
        if agents.n_idle[g] > 0:
            queues.count[N_PENDING] += agents.pending[g] == 0
            agents.pending[g] = SOMETHING_CAME


@jit_apart
def _change_group(agents, queues, a, g, to):
    """Agent a, free and on no idle list, leaves group g for another and is idle there."""
    note(agents, queues, a, g, -1, -1, -1, MOVED)
    note(agents, queues, a, to, 1, 1, 1, MOVED)
    agents.group[a] = to
    come_idle(agents, queues, a, to)


@jit_apart
def depart(agents, queues, a):
    """Let a freed agent leave or change group if it is due to; True if it stays in its group."""
    g, to = agents.group[a], agents.target[a]
    due = agents.due[a]
    if due == SHIFT_OVER or due == BREAK:
        paid = -1 if due == SHIFT_OVER else 0
        note(agents, queues, a, g, 0, -1, paid, LEFT)
        agents.due[a] = OFF
        if to != g and due == BREAK:
            note(agents, queues, a, g, 0, 0, -1, MOVED)
            note(agents, queues, a, to, 0, 0, 1, MOVED)
        agents.group[a] = to
        return False
    if to != g:
        _change_group(agents, queues, a, g, to)
        return False
    if agents.owed[g] > 0 and agents.counted[a] == 1:
        agents.owed[g] -= 1
        note(agents, queues, a, g, 0, -1, -1, LEFT)
        agents.due[a] = OFF
        return False
    return True


@jit_inner
def stays(agents, a, g):
    """Whether agent a of group g goes on there: neither it nor the next to finish is to leave."""
    return agents.due[a] == STAYS and agents.owed[g] == 0 and agents.target[a] == g


@jit_inner
def is_listed(agents, a):
    """Whether agent a is on its group's idle list: it can take a contact, or one more."""
    return agents.previous[a] >= 0 or agents.head[agents.group[a]] == a


@jit_inner
def can_hold_more(agents, a):
    """Whether agent a, on duty, stays in its group and has attention left."""
    g = agents.group[a]
    stays = agents.due[a] == STAYS and agents.target[a] == g
    return stays and agents.n_held[a] < agents.most[g] and agents.used[a] < ATTENTION


@jit_apart
def send_off(agents, queues, a, due):
    """End agent a's shift (due 2) or send it on a break (due 1), now or after the contact."""
    g = agents.group[a]
    reason = SHIFT_END if due == SHIFT_OVER else BREAK_START
    paid = -1 if due == SHIFT_OVER else 0
    listed = is_listed(agents, a)
    if listed:
        leave_idle(agents, a, g)
    if listed and agents.n_held[a] == 0:
        agents.due[a] = OFF
        note(agents, queues, a, g, -1, -1, paid, reason)
    else:
        agents.due[a] = due
        note(agents, queues, a, g, -1, 0, 0, reason)


@jit_apart
def bring_on(agents, queues, a, reason):
    """Agent a is on duty, back from a break or for a shift; cancels a departure still to come."""
    g = agents.group[a]
    paid = 0 if reason == BREAK_END else 1
    if agents.due[a] == OFF:
        agents.due[a] = STAYS
        note(agents, queues, a, g, 1, 1, paid, reason)
        come_idle(agents, queues, a, g)
    else:
        agents.due[a] = STAYS
        note(agents, queues, a, g, 1, 0, 0, reason)
        if agents.n_held[a] > 0 and can_hold_more(agents, a):
            come_idle(agents, queues, a, g)


@jit
def move(agents, queues, a, to):
    """Move agent a, on duty, to another group: at once if idle, else after the contact in hand."""
    g = agents.group[a]
    agents.target[a] = to
    if is_listed(agents, a) and to != g:
        leave_idle(agents, a, g)
        if agents.n_held[a] == 0:
            _change_group(agents, queues, a, g, to)
