"""What the broker's client raises when broker or line is the trouble, not the message."""

from __future__ import annotations

import asyncio

from aio_pika.exceptions import AMQPError
from aiormq.exceptions import AMQPError as WireError
from aiormq.exceptions import ChannelInvalidStateError

BROKER_TROUBLE = (
    AMQPError,
    WireError,
    ChannelInvalidStateError,  # a RuntimeError: the channel of a line that is gone
    OSError,
    TimeoutError,
    asyncio.InvalidStateError,
)
