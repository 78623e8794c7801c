"""Each delivery processed once: repeats are recognised, those under way are waited for."""

import asyncio
from collections.abc import Awaitable, Callable

from collector.receiver.webhook_forward import Outcome, failed
from collector.webhooks.reasons import DeliveryReason
from collector.webhooks.seen import SeenDeliveries

Process = Callable[[], Awaitable[Outcome]]


class Processing:
    """What is processed now and what was. A delivery that failed is forgotten: its repeat is a new chance."""

    def __init__(self, seen: SeenDeliveries) -> None:
        self._seen = seen
        self._under_way: dict[tuple[str, str], asyncio.Task[Outcome]] = {}
        self._tasks: set[asyncio.Task[Outcome]] = set()

    async def run(
        self,
        source: str,
        delivery_id: str | None,
        process: Process,
        seconds: float,
        when_done: Callable[[], None],
    ) -> Outcome:
        """The outcome of `process`, or of the same delivery's earlier one, within `seconds`.

        `process` goes on when the time is over or the caller is cancelled, so that what it achieves is
        known when the sender asks again. `when_done` is called once, after `process` or instead of it.
        """
        key = None if delivery_id is None else (source, delivery_id)
        if key is not None and key in self._seen:
            when_done()
            return Outcome(200, True, DeliveryReason.REPEATED.value)
        task = None if key is None else self._under_way.get(key)
        repeated = task is not None
        if task is None:
            task = self._start(key, process, when_done)
        else:
            when_done()
        done, _ = await asyncio.wait({task}, timeout=max(0.0, seconds))
        if not done:
            return _too_late(repeated)
        outcome = task.result()
        if repeated and outcome.reason is None:
            return Outcome(
                outcome.status, True, DeliveryReason.REPEATED.value, None, outcome.body, outcome.headers
            )
        return outcome

    def _start(
        self, key: tuple[str, str] | None, process: Process, when_done: Callable[[], None]
    ) -> asyncio.Task[Outcome]:
        async def processing() -> Outcome:
            return await process()

        def finished(task: asyncio.Task[Outcome]) -> None:
            self._tasks.discard(task)
            when_done()
            if key is None:
                return
            self._under_way.pop(key, None)
            if not task.cancelled() and task.exception() is None and task.result().processed is not False:
                self._seen.add(*key)

        task = asyncio.create_task(processing(), name="webhook delivery")
        self._tasks.add(task)
        if key is not None:
            self._under_way[key] = task
        task.add_done_callback(finished)
        return task


def _too_late(repeated: bool) -> Outcome:
    if repeated:
        message = "the same delivery is still being processed; send it again"
        return failed(409, DeliveryReason.UPSTREAM_TIMEOUT, message)
    return failed(504, DeliveryReason.UPSTREAM_TIMEOUT, "the upstream did not answer in time")
