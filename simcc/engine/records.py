"""The engine's state: named records of arrays, each with a plain class when JIT is off.

Indices: c contact, k contact type (queue), g agent group, a agent, b bot. Times are seconds
from the start of the simulation.

* ``Center``: what does not change during a run: routing tables, speeds, laws, limits, and the
  ``Plan`` of staffing; how contacts ``Follow`` others; what ``Bots`` do with them; whom agents
  call (``Lists``).
* ``Work``: what each contact brings (see :mod:`simcc.workload`).
* ``Log``: what became of each contact (see :mod:`simcc.log`).
* ``Queues``: the contacts waiting, the bots, and the clocks that contacts started.
* ``Agents``: where each agent is, who is idle, service ends to come, and the agent log.
"""

from numba import types

from simcc.jit import record

# a policy's score: type, group, wait, idle, queue_lengths, n_idle, n_busy, params
SCORE = types.float64(
    types.int64,
    types.int64,
    types.float64,
    types.float64,
    types.int64[::1],
    types.int64[::1],
    types.int64[::1],
    types.float64[::1],
)

CENTER = (
    # talk laws by group: law_of[k, g], -1 none
    "laws", "law_of",
    # type -> groups, k's rows: group_from[k] to group_from[k + 1] - 1
    "group_from", "group_of_pair", "group_rank", "group_after", "group_need",
    # distinct waits after which groups open for k
    "after_from", "after_times",
    # group -> types, g's rows
    "type_from", "type_of_pair", "type_rank", "type_after", "type_need",
    "speed", "room", "limits",
    # what is added to the instant of reaching queue k where heads of equal rank are compared (s)
    "lag",
    "bot_of", "bot_sessions", "bot_when_full", "bot_talk_factor", "bot_patience_factor", "bots",
    # attention that a contact of type k takes of an agent of g; speed by number held; if it stays
    "units", "pace", "keeps_pace", "random_ties",
    # callbacks of type k: chance to accept, waiting from which on, idle agents that one needs
    "callback_accepts", "callback_from", "callback_need",
    # the trunk of type k (-1: none), and lines by trunk
    "trunk_of", "trunk_lines",
    # whether a contact of queue k may interrupt one of queue other, and whether k can be; whether
    # the work done on it is lost then
    "may_interrupt", "interruptible", "restarts",
    # chats in turns, of queue k: laws of the work (-1: not in turns), of thinking and of patience
    # (-1: none), probability of silence, time-out (s)
    "turn_work", "turn_think", "turn_patience", "turn_silence", "turn_timeout",
    "plan", "follow", "told", "choices", "lists", "calling",
    # an index policy's scores of groups and of types, and what it does after a choice
    "group_score", "type_score", "policy_update",
)  # fmt: skip
FOLLOW = (
    # transfers out of queue q, its rows; chances by row and group
    "transfer_from", "transfer_to", "transfer_chance", "transfer_talk", "transfer_patience",
    # whether the agent stays until it is answered, and the law of the briefing then (-1: none)
    "transfer_warm", "transfer_briefing",
    # consults of queue q, its rows: the queue asked; chances by row and group
    "consult_from", "consult_to", "consult_chance",
    # follow-ups of type k, its rows; chances by row and attempt, and by row and group (or NaN)
    "return_from", "return_when", "return_type", "return_most", "return_delay", "return_talk",
    "return_patience", "return_chance", "return_chance_by_group",
    # chances that an issue is resolved, by queue and group
    "resolution",
    # how contacts that follow turn uniforms into what they bring, by queue or type
    "queue_of", "patience_law", "wrap_law", "balking", "n_attributes",
    "talk_from", "talk_law", "talk_scale", "width",
    # the end of the horizon (s): who would come back later does not
    "horizon",
)  # fmt: skip
BOTS = (
    # by bot: the one behind it (-1: people); seconds for a token, what the bucket holds (s), and
    # what contacts do without one
    "then", "gap", "bucket", "when_limited",
    # by bot and type: shares; laws of sessions, and of those that escalate if they have their own
    "contained", "gives_up", "solves", "session_law", "escalation_law", "latency_law",
    # wrong queues, the rows of bot b and type k: wrong_from[b * n_types + k] and so on
    "wrong_from", "wrong_queue", "wrong_share",
    # factors of contained by time and by sessions, the points of bot b
    "time_from", "time_at", "time_factor", "begun_from", "begun_at", "begun_factor",
)  # fmt: skip
TOLD = (
    # by queue: how the wait is estimated that customers are told, its mean work (s); its steps: the
    # wait, the chance to leave, the effect on patience
    "estimate", "mean_work", "step_from", "step_wait", "step_leaves", "step_patience",
    # expected wait from which on a callback is offered (s), and how it is estimated
    "callback_wait", "callback_estimate",
)  # fmt: skip
CHOICES = (
    # queues that contacts of type k choose from: rows choice_from[k] to choice_from[k + 1] - 1; by
    # what they choose
    "choice_from", "queue", "by",
)  # fmt: skip
LISTS = (
    # by type: records on its list (0: it is none), how they are called
    "records", "predictive", "pace", "mismatch_limit", "idle_needed",
    # when list k is open: rows open_from[k] to open_from[k + 1] - 1 (s)
    "open_from", "open_at", "close_at",
    # probabilities that a party answers, by type and interval
    "right", "wrong",
    # whether who answers waits for an agent, and whether a wrong party's record is called again
    "waits", "wrong_again",
)  # fmt: skip
CALLING = (
    # callbacks of type k: law of the time until it is due (-1: at once), of ringing (-1: none) and
    # until it is due again; whether it rings, the chance of an answer, calls at most
    "later_law", "ring_law", "retry_law", "rings", "answers", "attempts",
    # when they are offered: rows open_from[k] to open_from[k + 1] - 1 (s)
    "open_from", "open_at", "close_at",
)  # fmt: skip
PLAN = ("at", "what", "who", "by", "luck", "first", "named")
WORK = (
    "arrived_at", "contact_type", "queue_type", "patience_time", "talk_time", "wrap_time",
    "balks", "bot_time", "bot_luck", "bot_latency", "misrouting_luck",
    # what becomes of the session that has begun
    "bot_fate",
    # luck of what follows; of later contacts of an issue: how many came before, their uniforms by
    # step, attribute and issue, and the factor of the talk time
    "transfer_luck", "resolution_luck", "return_luck", "delay_luck",
    "step", "uniforms", "talk_factor",
    # which of several agents takes a contact; who accepts a callback
    "tie_luck", "callback_luck",
    # the uniform that all draws of callbacks come from; from when on the contact is due (s), and
    # how often it has been called
    "calls_luck", "due_at", "calls_made",
    # who leaves on hearing the expected wait
    "hearing_luck",
    # of calls on a list: ringing (s), who answers, talk with a wrong party (s), time to the next
    "dial_time", "dial_luck", "wrong_time", "retry_delay",
    # work left (s at unit speed) of a contact that was interrupted
    "work_left",
    # chats in turns: the uniform that all their draws come from, and the talk time left to later
    # turns (s at unit speed)
    "turn_luck", "talk_left",
    # whether the agent asks a colleague, and how long a briefing takes; of who was handed over warm
    # and of questions: the contact whose agent waits (-1: none), and the briefing (s)
    "consult_luck", "briefing_luck", "asked_by", "briefing_time",
)  # fmt: skip
LOG = (
    "arrived_at", "offered_at", "answered_at", "left_at", "freed_at", "agent", "group", "n_ahead",
    "n_ahead_all", "outcome", "bot_started_at", "bot_ended_at",
    "issue", "attempt", "leg", "resolved", "followed_by", "bot", "resumed_at", "interruptions",
    "turns", "think_time", "asked_at", "released_at",
)  # fmt: skip
QUEUES = (
    # linked lists of waiting contacts; where there are trunks, how many talk, by queue
    "head", "tail", "length", "next", "previous", "talking",
    # those who asked for a callback, by type
    "callback_head", "callback_tail",
    # rows of the log of callbacks, see simcc.engine.calling
    "call_rows", "call_times",
    # heaps: ends of patience; bot ends and wait thresholds
    "quit_times", "quit_keys", "timer_times", "timer_keys",
    # heap: contacts that follow others, before they arrive
    "return_times", "return_keys",
    # whether queue k is closed, and how; the wait of whoever was answered last (s)
    "closed", "last_wait",
    # effect on the patience of whoever has just been told the wait
    "patience_effect",
    "watch_level", "bot_busy", "bot_mode", "bot_head", "bot_tail", "clock", "count",
    # by bot: sessions begun; when its bucket of tokens is full again; whether someone waits for
    # a token; factors while it is degraded
    "bot_begun", "bot_refilled", "bot_waits", "bot_factor", "bot_slowness",
    # by type: rows of records never called, and of those that may be called again; the line of
    # records due again; calls that ring, calls answered, and those that found no agent
    "list_next", "list_end", "list_last", "ready_head", "ready_tail", "dialling", "connects",
    "mismatches",
    # linked lists of answered calls that wait for an agent, by type
    "hold_head", "hold_tail",
    # an index policy's parameters, and behind them what it remembers
    "params",
)  # fmt: skip
AGENTS = (
    "group", "target", "due", "counted",
    # linked lists of idle agents, by group
    "idle_since", "next", "previous", "head", "tail", "n_idle", "n_busy", "owed", "pending",
    # contacts an agent of group g may hold; those held and the attention they take, by agent
    "most", "n_held", "used",
    # of those held, they whose customer does not think; whether the next end is one of patience
    "n_active", "next_quits",
    # since when the work left in an agent's slots is as it says; each slot's contact (its key as a
    # service end), work left (s) or end (if it keeps its pace), and after-call work
    "since", "slot_key", "slot_left", "slot_rest",
    # chats in turns: whether the customer thinks, and until when; or the end of patience
    "slot_pause", "slot_until",
    # the next end among an agent's slots, and a heap of such ends, not all of them still to happen
    "next_end", "next_key", "held_times", "held_keys",
    # talk and after-call work (s) of a contact being handed to such an agent; talk at unit speed
    "handed",
    # who leaves where a named head count falls
    "leave_luck",
    # contact that an agent talks to and may set aside; linked lists of such agents, by group, in
    # the order of the answers
    "talk", "talk_next", "talk_previous", "talk_head", "talk_tail",
    # rows of the log of interruptions, see simcc.engine.interrupting
    "cut_rows", "cut_times",
    # heap of service ends
    "done_times", "done_keys",
    # rows of the agent log
    "row_at", "row_agent", "row_group", "row_scheduled", "row_present", "row_paid", "row_reason",
)  # fmt: skip

# slots of Queues.count
NEXT_ARRIVAL, N_DONE, N_QUIT, N_TIMER, IN_SYSTEM, N_WAITING, HOLE = range(7)
ASK_KIND, ASK, STOPPED_BY, N_ROWS, N_WORKLOAD, NEXT_CHANGE = range(7, 13)
N_CONTACTS, N_RETURNS, N_STEPS, ENDING, N_HELD, N_HELD_ENDS, N_CALLBACKS, N_CUTS = range(13, 21)
# what is left to do before the next event; neighbours, so that one look tells if there is anything
NO_ROOM, ENDED, HANDED, N_PENDING = range(21, 25)
# agents for whom it rings, callbacks due later, rows of the log of callbacks, calls on hold
N_DIALLING, N_LATER, N_CALLS, N_ON_HOLD = range(25, 29)
N_COUNTS = 29
ATTENTION = 5040  # of an agent: a number that many shares divide
# slots of Center.limits
LINES, POLICY, HAS_BOTS, HAS_FOLLOW_UPS, HAS_HOLDERS, HAS_CALLBACKS, HAS_INTERRUPTIONS = range(7)
HAS_HAND_OVERS, HAS_HOURS, HAS_ESTIMATES, HAS_TURNS, HAS_LISTS, HAS_TIMED_CALLBACKS = range(7, 13)
TIMERS_KEPT, HAS_COLLEAGUES, HAS_TRUNKS, HAS_UPDATE = range(13, 17)
NOTES_TALKS = 17  # there are colleagues or trunks: one flag to look at where speed counts
HAS_QUEUE_CHOICE = 18
# what is added to the key of a timer, by its kind; a bot session's key is the contact. At one
# instant sessions end, then bots have a token for their line, waits reach thresholds, queues that
# close send their contacts away, outbound calls end, records are due and lists open, callbacks that
# ring end, callbacks are due, and those on hold hang up
TOKEN, THRESHOLD, CLOSING = (1 << i for i in (47, 48, 49))
DIAL_END, DIAL_DUE, LIST_OPENS, CALL_END, CALL_DUE, HOLD_END = (i << 50 for i in range(1, 7))
# values of limits[POLICY]
TABLES, COMPILED, ASKED = range(3)
# values of count[ASK_KIND]
ASK_NOTHING, ASK_GROUP, ASK_TYPE = range(3)
# value of Work.step of a contact that a process submits: nothing follows it
SUBMITTED = -1
# values of Queues.bot_mode (a bot that is up) and Center.bot_when_full
BOT_WAIT, BOT_AGENT, BOT_LOST = range(3)
BOT_UP = -1
# values of Queues.closed; the last is what a plan may say
OPEN, TURNS_AWAY, WAITS, SENDS_AWAY = range(4)
# values of Told.estimate; Choices.by has one more
BY_LENGTH, BY_LAST, BY_HEAD, BY_WAITING = range(4)
# values of Agents.due
STAYS, BREAK, SHIFT_OVER, OFF = range(4)
# values of Agents.slot_pause; SILENT: the chat is closed at the end of the pause
WORKS, THINKS, SILENT = range(3)
# values of Work.bot_fate
ESCALATES, IS_CONTAINED, GIVES_UP = range(3)

Plan = record("Plan", PLAN)
Follow = record("Follow", FOLLOW)
Bots = record("Bots", BOTS)
Told = record("Told", TOLD)
Choices = record("Choices", CHOICES)
Lists = record("Lists", LISTS)
Calling = record("Calling", CALLING)
Center = record(
    "Center",
    CENTER,
    dict.fromkeys(("group_score", "type_score", "policy_update"), types.FunctionType(SCORE)),
)
Work = record("Work", WORK)
Log = record("Log", LOG)
Queues = record("Queues", QUEUES)
Agents = record("Agents", AGENTS)
