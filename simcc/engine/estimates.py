"""What customers are told about their wait, and what they do then; compiled."""

from simcc.engine.records import BY_HEAD, BY_LAST
from simcc.jit import jit_apart
from simcc.log import Outcome

INTERRUPTED = int(Outcome.INTERRUPTED)
CALLBACK_ASKED = int(Outcome.CALLBACK_ASKED)
CALLING = int(Outcome.CALLING)


@jit_apart
def expected_wait(center, log, queues, agents, k, how):
    """The wait (s) that whoever joins queue k now is told."""
    if how == BY_LAST:
        return queues.last_wait[k]
    if how == BY_HEAD:
        c = queues.head[k]
        return 0.0 if c < 0 else queues.clock[0] - log.offered_at[c]
    speed = 0.0  # of all agents at work for the queue
    for pair in range(center.group_from[k], center.group_from[k + 1]):
        g = center.group_of_pair[pair]
        speed += agents.n_busy[g] * center.speed[k, g]
    return (queues.length[k] + 1) * center.told.mean_work[k] / (speed if speed > 0 else 1.0)


@jit_apart
def leaves_on_hearing(center, work, log, queues, agents, c, k):
    """Whether contact c, told its wait in queue k, leaves; the effect on patience is noted."""
    told = center.told
    queues.patience_effect[0] = 1.0
    first, last = told.step_from[k], told.step_from[k + 1]
    if first == last:
        return False
    wait = expected_wait(center, log, queues, agents, k, told.estimate[k])
    step = first - 1
    while step + 1 < last and told.step_wait[step + 1] <= wait:
        step += 1
    if step < first:
        return False
    queues.patience_effect[0] = told.step_patience[step]
    return work.hearing_luck[c] < told.step_leaves[step]


@jit_apart
def may_call_back(center, log, queues, agents, k):
    """Whether the wait that queue k would tell is long enough for the offer to call back."""
    told = center.told
    wait = expected_wait(center, log, queues, agents, k, told.callback_estimate[k])
    return wait >= told.callback_wait[k]


@jit_apart
def note_wait(log, queues, c, k):
    """Contact c of queue k is answered: its wait is that of whoever was answered last."""
    what = log.outcome[c]
    if what != INTERRUPTED and what != CALLBACK_ASKED and what != CALLING:
        queues.last_wait[k] = queues.clock[0] - log.offered_at[c]
