"""The mixed center in SimPy as its textbook shows it: one process per contact, interrupts and all.

The same rules as ``mixed.py``, in mean talk times; see ``textbook.py`` for why it is here.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Generator
from math import log, sqrt
from typing import Any

import simpy
from mixed import CHAT, CHAT_AGENTS, EMAIL, PHONE_AGENTS, VOICE

SPEED = (1.0, 0.8, 0.65)
Steps = Generator[Any, Any, None]


def lognormal(cv: float) -> float:
    """Of mean 1."""
    sigma = sqrt(log(1 + cv * cv))
    return random.lognormvariate(-sigma * sigma / 2, sigma)


def gamma(mean: float, cv: float) -> float:
    return random.gammavariate(1 / cv**2, mean * cv**2)


class ChatAgent:
    """Holds up to three chats; each is a process that others interrupt as the pace changes."""

    def __init__(self) -> None:
        self.chats: list[simpy.Process] = []

    def pace_changes(self, but: simpy.Process) -> None:
        for chat in self.chats:
            if chat is not but:
                chat.interrupt()


class Center:
    """Queues, agents, and what is counted."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.idle = PHONE_AGENTS
        self.voice: deque[simpy.Event] = deque()
        self.callbacks: deque[simpy.Event] = deque()
        self.mail: deque[simpy.Event] = deque()
        self.in_mail: list[simpy.Process] = []  # who began last is last
        self.chat: deque[simpy.Event] = deque()
        self.chat_agents = [ChatAgent() for _ in range(CHAT_AGENTS)]
        self.came = self.offered = self.abandoned = self.interruptions = 0

    def release(self) -> None:
        """A phone agent takes a call, else a mail, else calls somebody back, else is idle."""
        for queue in (self.voice, self.mail, self.callbacks):
            if queue:
                queue.popleft().succeed()
                return
        self.idle += 1

    def bot(self, contained: float, gives_up: float) -> Generator[Any, Any, str]:
        """A session, and how it ends."""
        yield self.env.timeout(gamma(0.4, 0.8))
        luck = random.random()
        if luck < contained:
            return "helped" if random.random() < 0.85 else "not helped"
        return "gave up" if luck < contained + gives_up else "handed over"

    def call(self, attempt: int = 1) -> Steps:
        self.came += 1
        talk, patience, acw = lognormal(1.2), random.expovariate(1), random.expovariate(10)
        if (yield from self.bot(0.2, 0.03)) != "handed over":
            return
        self.offered += 1
        if self.idle:
            self.idle -= 1
        elif self.in_mail and not self.voice:
            self.in_mail.pop().interrupt()
        elif not (yield from self.wait_for_phone(0.8 * patience)):
            self.abandoned += 1
            self.redial(0.6 if attempt == 1 else 0.4, attempt)
            return
        yield self.env.timeout(1.1 * talk + acw)
        self.release()

    def wait_for_phone(self, patience: float) -> Generator[Any, Any, bool]:
        called = self.env.event()
        if len(self.voice) >= 2 and random.random() < 0.3:
            self.callbacks.append(called)
            yield called
            return True
        self.voice.append(called)
        yield called | self.env.timeout(patience)
        if not called.triggered:
            self.voice.remove(called)
        return called.triggered

    def redial(self, probability: float, attempt: int) -> None:
        if random.random() < probability:
            self.env.process(self.later(attempt))

    def later(self, attempt: int) -> Steps:
        yield self.env.timeout(random.expovariate(1 / 3))
        yield from self.call(attempt + 1)

    def email(self) -> Steps:
        self.came += 1
        self.offered += 1
        left, called = lognormal(0.8), None
        me = self.env.active_process
        while left > 0:
            if self.idle and called is None:
                self.idle -= 1
            else:
                yield called or self.queued_mail()
            self.in_mail.append(me)
            began = self.env.now
            try:
                yield self.env.timeout(left)
                left = 0.0
            except simpy.Interrupt:
                self.interruptions += 1
                left -= self.env.now - began
                called = self.env.event()
                self.mail.appendleft(called)
        self.in_mail.remove(me)
        self.release()

    def queued_mail(self) -> simpy.Event:
        called = self.env.event()
        self.mail.append(called)
        return called

    def chatter(self) -> Steps:
        self.came += 1
        talk, patience = lognormal(0.8), random.expovariate(1 / 2)
        end = yield from self.bot(0.65, 0.0)
        if end == "not helped":
            self.redial(0.7, 1)
        if end != "handed over":
            return
        self.offered += 1
        agent = min(self.chat_agents, key=lambda one: len(one.chats))
        if len(agent.chats) == 3:
            called = self.env.event()
            self.chat.append(called)
            yield called | self.env.timeout(0.8 * patience)
            if not called.triggered:
                self.chat.remove(called)
                self.abandoned += 1
                self.redial(0.7, 1)
                return
            agent = called.value
        yield from self.chatting(agent, 1.1 * talk)

    def chatting(self, agent: ChatAgent, left: float) -> Steps:
        """Shared attention: what is left is rescaled whenever the number held changes."""
        me = self.env.active_process
        agent.chats.append(me)
        agent.pace_changes(but=me)
        while left > 0:
            began, speed = self.env.now, SPEED[len(agent.chats) - 1]
            try:
                yield self.env.timeout(left / speed)
                left = 0.0
            except simpy.Interrupt:
                left -= (self.env.now - began) * speed
        agent.chats.remove(me)
        agent.pace_changes(but=me)
        if self.chat:
            self.chat.popleft().succeed(agent)


def arrivals(center: Center, rate: float, end: float, what: Any) -> Steps:
    """A Poisson stream of contacts of one type."""
    while True:
        yield center.env.timeout(random.expovariate(rate))
        if center.env.now >= end:
            return
        center.env.process(what())


def run(contacts: int, seed: int) -> Center:
    """Simulate until the contacts are gone."""
    random.seed(seed)
    env = simpy.Environment()
    center = Center(env)
    end = contacts / (VOICE + CHAT + EMAIL)
    streams = ((VOICE, center.call), (CHAT, center.chatter), (EMAIL, center.email))
    for rate, what in streams:
        env.process(arrivals(center, rate, end, what))
    env.run()
    return center


def contacts_per_second(contacts: int = 20_000, rounds: int = 3) -> float:
    """The best of a few runs, by CPU time; contacts that came in, redials included."""
    best = 0.0
    for seed in range(rounds):
        start = time.process_time()
        came = run(contacts, seed).came
        best = max(best, came / (time.process_time() - start))
    return best
