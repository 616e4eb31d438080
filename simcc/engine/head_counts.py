"""Head counts: agents come and go by number, as a plan or a process says; compiled.

``plan`` is the record of the staffing plan (:mod:`simcc.engine.control`).
"""

from simcc.engine.people import SHIFT_START, bring_on, leave_idle, note, send_off
from simcc.engine.records import OFF, SHIFT_OVER, STAYS
from simcc.jit import jit, jit_apart, jit_inner
from simcc.log import AgentEvent

HEAD_COUNT = int(AgentEvent.HEAD_COUNT)


@jit_inner
def _place(first, g, i):
    """The i-th agent in the order of coming to group g: its own in the plan, then all others."""
    own = first[g + 1] - first[g]
    if i < own:
        return first[g] + i
    return i - own if i - own < first[g] else i


@jit_inner
def _stays(agents, a, g):
    """Whether agent a, on duty, is counted in group g and not about to leave it."""
    here = agents.group[a] == g and agents.target[a] == g
    return here and agents.due[a] == STAYS and agents.counted[a] == 1


@jit_apart
def _send_idle_or_owe(agents, queues, g):
    """One agent fewer in group g: the one idle longest, or the next to finish; False if none."""
    a = agents.head[g]
    while a >= 0 and agents.counted[a] == 0:
        a = agents.next[a]
    if agents.most[g] > 1 and (a < 0 or agents.n_held[a] > 0):
        return _send_holder(agents, queues, g, a)
    if a >= 0:
        leave_idle(agents, a, g)
        agents.due[a] = OFF
        note(agents, queues, a, g, -1, -1, -1, HEAD_COUNT)
        return True
    busy = 0
    for other in range(agents.due.size):
        busy += _stays(agents, other, g)
    if agents.owed[g] == busy:
        return False
    agents.owed[g] += 1
    note(agents, queues, -1, g, -1, 0, 0, HEAD_COUNT)
    return True


@jit_apart
def _send_holder(agents, queues, g, a):
    """One agent fewer where they hold several contacts: a, who can take more, or else any."""
    while a < 0 or not _stays(agents, a, g):
        a += 1
        if a == agents.due.size:
            return False
    send_off(agents, queues, a, SHIFT_OVER)
    return True


@jit_apart
def _send_named(agents, queues, first, g, u):
    """One agent fewer in group g: any of those who stay, by the uniform u; False if none does."""
    staying = 0
    for a in range(agents.due.size):
        staying += _stays(agents, a, g)
    if staying == 0:
        return False
    left = int(u * staying)
    i = 0
    while left > 0 or not _stays(agents, _place(first, g, i), g):
        left -= _stays(agents, _place(first, g, i), g)
        i += 1
    send_off(agents, queues, _place(first, g, i), SHIFT_OVER)
    return True


@jit_apart
def lower_head_count(agents, queues, plan, g, number, luck, start):
    """Send agents of group g home; fewer if fewer are counted there.

    Where the group is ``named``, those drawn by ``luck[start]`` and on; otherwise idle agents, the
    longest idle first, and the rest is owed by those who finish.
    """
    for i in range(number):
        if plan.named[g] == 1:
            found = _send_named(agents, queues, plan.first, g, luck[start + i])
        else:
            found = _send_idle_or_owe(agents, queues, g)
        if not found:
            return


@jit_apart
def _find(agents, first, g, i, off):
    """Place, from i on, of an agent counted in group g who is off duty, or else about to leave."""
    while i < agents.due.size:
        a = _place(first, g, i)
        here = agents.group[a] == g and agents.counted[a] == 1 and agents.due[a] != STAYS
        if here and off == (agents.due[a] == OFF):
            break
        i += 1
    return i


@jit_apart
def raise_head_count(agents, queues, plan, g, number):
    """Bring agents of group g on duty.

    Departures still owed are called off first; then agents come who are off duty, and only if there
    is nobody else those stay who were about to leave. The group's own agents, ``first[g]`` to
    ``first[g + 1] - 1``, come before those who have joined it. Fewer come if there are fewer.
    """
    first = plan.first
    away, leaving = 0, 0
    for _ in range(number):
        if agents.owed[g] > 0:
            agents.owed[g] -= 1
            note(agents, queues, -1, g, 1, 0, 0, HEAD_COUNT)
            continue
        away = _find(agents, first, g, away, True)
        found = away
        if away == agents.due.size:
            leaving = _find(agents, first, g, leaving, False)
            found = leaving
        if found == agents.due.size:
            return
        reason = SHIFT_START if plan.named[g] == 1 else HEAD_COUNT
        bring_on(agents, queues, _place(first, g, found), reason)


@jit
def change_head_count(agents, queues, plan, g, change, luck, start):
    """Change the number of agents scheduled in group g; ``luck[start]`` and on say who leaves."""
    lower_head_count(agents, queues, plan, g, -change, luck, start)
    raise_head_count(agents, queues, plan, g, change)
