"""`python -m collector explain TYPE/NAME`: one check, step by step; writes nothing."""

import asyncio
import json
from collections.abc import Mapping, Sequence

from analytics.db import DatabaseError, DatabaseMissing, read_only
from analytics.model import Attempt, Basis, Policy, Verdict, Window
from analytics.rules.confirmation import present_window
from analytics.rules.probed_calls import with_calls, with_probe
from analytics.rules.status import decide
from analytics.windows import call_windows
from collector.commands import ExitCode, UsageError
from collector.describing import service_info
from collector.duration import written
from collector.judging import Judge, Look, window_details
from collector.memory import Memory, recall
from collector.probes.base import ServiceSpec
from collector.probes.http_transport import probe_client
from collector.probes.runner import Runner
from collector.probes.traffic import window_name
from collector.wiring import Setting, utc_now

_LIMITS = {
    Basis.PRESENT: "slow from {healthy:g} ms, down after {sure} failures in a row",
    Basis.CALLS: "P95 healthy below {healthy:g} ms, down above {down:g} ms or after {sure} failures in a row",
    Basis.DELIVERIES: "healthy above {above:g} % verified and processed, down below {below:g} %",
}


class UnknownService(UsageError):
    """No service of that name is configured; the message names those that are."""


def explain(setting: Setting, wanted: str) -> ExitCode:
    """Check the service named `type/name` once and print what happened."""
    spec = find_service(setting.config.services, wanted)
    info = service_info(spec, setting.redactor, setting.config.alerts)
    print(f"{spec.key}   probe {spec.kind.name}   {info.target}")
    print(f"interval {written(spec.interval)}, timeout {written(spec.timeout)}, {_limits(spec.policy)}")
    print()
    spec.kind.load()
    if spec.kind.run is None:
        _explain_traffic(setting, spec)
    else:
        asyncio.run(_explain_probe(setting, spec))
    return ExitCode.DONE


def find_service(specs: Sequence[ServiceSpec], wanted: str) -> ServiceSpec:
    """The spec called `type/name`; raises `UnknownService`."""
    for spec in specs:
        if str(spec.key) == wanted:
            return spec
    known = ", ".join(str(spec.key) for spec in specs)
    raise UnknownService(f'"{wanted}" is no configured service; there are: {known}')


def _limits(policy: Policy) -> str:
    return _LIMITS[policy.basis].format(
        healthy=policy.healthy_ms,
        down=policy.down_ms,
        sure=policy.sure_after,
        above=policy.healthy_above_percent,
        below=policy.down_below_percent,
    )


async def _explain_probe(setting: Setting, spec: ServiceSpec) -> None:
    memory = _recalled(setting, spec)
    async with probe_client() as http:
        runner = Runner(http, setting.environment, setting.redactor, utc_now)
        attempt = await runner.run_attempt(spec, 1, memory.baseline)
    details = dict(attempt.finding.details)
    for name, milliseconds in details.pop("steps_ms", {}).items():
        print(f"  {name:<20} {milliseconds:>10.1f} ms")
    print(f"  {'in all':<20} {attempt.duration_ms:>10.1f} ms")
    print()
    if details:
        print(json.dumps(details, indent=2, ensure_ascii=False))
        print()
    window = present_window(attempt, memory.failures_in_row, False)
    finding = attempt.finding
    print(f"this attempt: {finding.reason.value}" + (f", {finding.message}" if finding.message else ""))
    if window.consecutive_failures:
        print(f"failed attempts in a row: {window.consecutive_failures}")
    if spec.policy.basis is Basis.CALLS:
        _print_verdict(_verdict_on_calls(setting, spec, attempt, window.consecutive_failures))
    else:
        _print_verdict(decide(window, spec.policy, attempt.started_at))


def _verdict_on_calls(setting: Setting, spec: ServiceSpec, attempt: Attempt, streak: int) -> Verdict:
    """As the collector would judge it: the recorded calls of the last hour, this one among them."""
    now, window = utc_now(), Window()
    try:
        with read_only(setting.location) as connection:
            window = call_windows(connection, now).get(window_name(spec), window)
    except DatabaseError as error:
        print(f"without the recorded calls of the last hour: {error}")
    joined = with_calls(window, attempt)
    _print_traffic(window_details(joined))
    verdict = decide(joined, spec.policy, now)
    return with_probe(verdict, attempt.finding, streak, spec.policy, retried=False)


def _explain_traffic(setting: Setting, spec: ServiceSpec) -> None:
    with read_only(setting.location) as connection:
        result = Judge(setting.environment).verdicts(connection, [Look(spec)], utc_now())[0]
    _print_traffic(result.details)
    _print_verdict(result.verdict)


def _print_traffic(details: Mapping[str, object]) -> None:
    print("judged by the recorded traffic of the last hour:")
    for name, value in details.items():
        shown = f"{value:.0f}" if isinstance(value, float) else "–" if value is None else value
        print(f"  {name:<20} {shown}")
    print()


def _recalled(setting: Setting, spec: ServiceSpec) -> Memory:
    """What the database knows of the service; a check can be explained without any database."""
    try:
        with read_only(setting.location) as connection:
            return recall(connection, utc_now()).get(spec.key, Memory())
    except DatabaseMissing:
        return Memory()
    except DatabaseError as error:
        print(f"without the past of this service: {error}")
        return Memory()


def _print_verdict(verdict: Verdict) -> None:
    sure = "" if verdict.sure else " (not sure yet: a running collector would look again)"
    print(f"verdict: {verdict.status.value}{sure}")
    print(f"reason:  {verdict.reason.value}")
    if verdict.message:
        print(f"         {verdict.message}")
