"""Policies that other processes can import."""

import os
import signal

import numba


def plain(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
    """Longest wait, mostly."""
    return wait + 2.0 * idle


@numba.njit
def compiled(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
    """The same with a weight."""
    return params[0] * wait + idle


def text(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
    """What is no score."""
    return "high"


def deadly(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
    """Ends every process but that of ``params[0]``."""
    if os.getpid() != params[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return wait
