"""How the parts of a scenario fit together; each rule names everything that does not."""

from simcc.model.base import Rule
from simcc.model.checks import bots, chats, names, routing, service, size, time

RULES: tuple[Rule, ...] = (
    names.names_are_unique,
    names.bots_are_known,
    bots.escalations_are_known,
    bots.next_bots_are_known,
    bots.types_of_bots_are_known,
    bots.wrong_queues_fit,
    names.skills_are_known,
    names.shares_are_of_skills,
    names.laws_by_group_fit,
    names.sales_fit,
    names.follow_ups_fit,
    names.interruptions_fit,
    chats.turns_are_held,
    names.targets_are_known,
    names.targets_differ,
    names.thresholds_differ,
    routing.type_tables_fit,
    routing.group_tables_fit,
    routing.deadlines_order_queues,
    service.types_get_contacts,
    service.types_are_served,
    service.talk_times_are_given,
    service.nobody_waits_for_ever,
    service.agents_have_one_group,
    time.lists_have_one_per_interval,
    time.counts_have_one_per_interval,
    time.arrivals_cover_the_horizon,
    time.shared_busyness_agrees,
    time.shifts_start_in_the_horizon,
    size.agents_are_not_too_many,
    size.contacts_are_not_too_many,
    size.phases_are_not_too_many,
)
